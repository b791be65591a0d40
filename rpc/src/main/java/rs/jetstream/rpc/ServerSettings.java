package rs.jetstream.rpc;

import java.time.Duration;
import java.util.List;

/** What all lanes of a server have in common. */
record ServerSettings(
    Services services,
    List<Interceptor> interceptors,
    RpcEvents events,
    int maxFrame,
    int maxCallsPerLane,
    long maxQueued,
    Duration callTimeout,
    Duration handshakeTimeout,
    Duration frameTimeout,
    Duration sendTimeout,
    boolean sendsBackTraces,
    boolean requiresSameDigest) {
  private static final int MAX_TAGS = 65_534;
  private static final int MAX_WAITING_CALLS = 1 << 16;
  private static final int MAX_ATTEMPTS = 3;

  /** For the lanes that the server opens; interceptors stand around handlers alone. */
  ClientSettings calling() {
    return new ClientSettings(
        List.of(),
        events.ofCaller(),
        maxFrame,
        Math.min(maxCallsPerLane, MAX_TAGS),
        1,
        MAX_WAITING_CALLS,
        MAX_ATTEMPTS,
        maxQueued,
        handshakeTimeout,
        sendTimeout);
  }
}
