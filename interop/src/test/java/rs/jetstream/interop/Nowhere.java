package rs.jetstream.interop;

import java.io.IOException;
import rs.jetstream.rpc.JetStreamService;

/** A service that no server has. */
@JetStreamService(version = "rs.jetstream.proto/nowhere/1.2.3")
public interface Nowhere {
  /** Nothing. */
  void nothing() throws IOException;
}
