package rs.jetstream.rpc;

import java.time.Duration;
import rs.jetstream.quic.Experimental;

/**
 * How calls are made; immutable.
 *
 * @param timeout time for a call from its beginning to its answer; opening a lane, waiting for a
 *     tag and further attempts are in it
 * @param lanePerCall whether every call has a lane of its own, which costs another round trip, and
 *     saves it from waiting behind the bytes of others; a call that is given up then ends in the
 *     server, too
 * @param completesAtOnce whether results of asynchronous calls may complete their futures on the
 *     endpoint's own thread; what is done with them there must not block
 */
public record CallOptions(Duration timeout, boolean lanePerCall, boolean completesAtOnce) {
  private static final CallOptions DEFAULTS = new CallOptions(Duration.ofSeconds(30), false, false);

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
    return new CallOptions(timeout, lanePerCall, completesAtOnce);
  }

  /** These with or without a lane for each call. */
  public CallOptions withLanePerCall(boolean lanePerCall) {
    return new CallOptions(timeout, lanePerCall, completesAtOnce);
  }

  /**
   * These with futures that may be completed where their results arrive: on the endpoint's own
   * thread, and no thread is started for them. Experimental.
   *
   * <p>What depends on such a future, and codecs of the program's own, run there under the rules of
   * {@link NonBlocking}: nothing else of the endpoint goes on meanwhile. Another call may be made
   * there, asynchronously. It is a permission: errors, deadlines, and results that are large or
   * come in pieces complete futures on virtual threads, as ever.
   */
  @Experimental
  public CallOptions withCompletionAtOnce(boolean completesAtOnce) {
    return new CallOptions(timeout, lanePerCall, completesAtOnce);
  }
}
