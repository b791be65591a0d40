package rs.jetstream.interop;

import java.io.IOException;
import rs.jetstream.rpc.JetStreamService;

/** Another service of the same connection. */
@JetStreamService(version = "rs.jetstream.proto/second/1.2.3")
public interface Second {
  /** Its name. */
  String name() throws IOException;
}
