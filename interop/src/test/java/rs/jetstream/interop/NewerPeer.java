package rs.jetstream.interop;

import java.io.IOException;
import rs.jetstream.rpc.JetStreamService;

/** The service as it will be incompatible. */
@JetStreamService(version = "rs.jetstream.proto/peer/2.0.0")
public interface NewerPeer {
  /** Nothing. */
  void nothing() throws IOException;
}
