package rs.jetstream.quic;

import rs.jetstream.ffi.NativeFailure;
import rs.jetstream.ffi.NativeStatus;

/**
 * What calls need when they wait or fail, initialised before there is an endpoint: a class whose
 * first use is in a moment without memory cannot be used ever after.
 */
final class Ready {
  static {
    Object ignored = new FlightRecorder.StreamStalled();
    ignored = Failures.of("ready", new NativeFailure(NativeStatus.CLOSED, 0, 0, ""));
    Deadlines.run(() -> {});
  }

  private Ready() {}

  /** Does it, once. */
  static void ensure() {}
}
