package rs.jetstream.rpc;

import java.time.Duration;

/**
 * How calls are made; immutable.
 *
 * @param timeout time for a call from its beginning to its answer; opening a lane, waiting for a
 *     tag and further attempts are in it
 * @param lanePerCall whether every call has a lane of its own, which costs another round trip, and
 *     saves it from waiting behind the bytes of others; a call that is given up then ends in the
 *     server, too
 */
public record CallOptions(Duration timeout, boolean lanePerCall) {
  private static final CallOptions DEFAULTS = new CallOptions(Duration.ofSeconds(30), false);

  /** Checks the timeout. */
  public CallOptions {
    timeout = Ranges.of("timeout", timeout);
  }

  /** 30 s, on shared lanes. */
  public static CallOptions defaults() {
    return DEFAULTS;
  }

  /** These with another timeout. */
  public CallOptions withTimeout(Duration timeout) {
    return new CallOptions(timeout, lanePerCall);
  }

  /** These with or without a lane for each call. */
  public CallOptions withLanePerCall(boolean lanePerCall) {
    return new CallOptions(timeout, lanePerCall);
  }
}
