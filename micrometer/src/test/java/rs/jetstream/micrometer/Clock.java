package rs.jetstream.micrometer;

import java.io.IOException;
import rs.jetstream.rpc.JetStreamService;

/** The service of the tests. */
@JetStreamService(version = "rs.jetstream.proto/clock/1.0.0")
public interface Clock {
  /** The hour, or an error. */
  String hour(int number) throws IOException;
}
