package rs.jetstream.rpc;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** One call in a flight recording, from its beginning to its end on this side. */
@Name("rs.jetstream.Call")
@Label("JetStream call")
@Category({"JetStream", "RPC"})
@StackTrace(false)
final class CallEvent extends Event {
  @Label("Service")
  @Nullable String service;

  @Label("Method")
  @Nullable String method;

  @Label("Client")
  @Description("Whether this side called")
  boolean client;

  @Label("Failure")
  @Description("Class of what the call failed with; none when it did not fail")
  @Nullable String failure;
}
