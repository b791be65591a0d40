package rs.jetstream.examples;

import java.io.IOException;
import rs.jetstream.rpc.JetStreamService;

/** Greets. */
@JetStreamService(version = "rs.jetstream.proto/greeter/1.0.0")
public interface Greeter {
  /** A greeting for {@code name}. */
  String greet(String name) throws IOException;
}
