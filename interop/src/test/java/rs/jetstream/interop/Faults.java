package rs.jetstream.interop;

import java.io.IOException;
import rs.jetstream.rpc.JetStreamService;

/** As in interop/jetstream-peer/src/service.rs. */
@JetStreamService(version = "rs.jetstream.proto/faults/1.2.3")
public interface Faults {
  /** Nothing. */
  void nothing() throws IOException;

  /** Throws what nobody expects; in Rust, panics. */
  void throwing() throws IOException;

  /** Calls itself without end. */
  void overflows() throws IOException;

  /** Asks for more memory than there is. */
  void exhausts() throws IOException;

  /** Never returns. */
  void stays() throws IOException;
}
