package rs.jetstream.quic;

import java.lang.foreign.MemorySegment;

/**
 * Takes frames on the endpoint's own thread, where they arrive: {@link
 * FrameReader#next(FrameHandler)}.
 *
 * <p>Nothing of the endpoint goes on until it returns. It must not block, nor take long:
 * microseconds. What the library offers that would wait refuses to here, with an
 * IllegalStateException; the rest is the handler's to keep. Whatever needs more it leaves to the
 * thread that reads.
 *
 * <p>One that takes more than 10 ms is logged, once per reader, and for a second the reading thread
 * gets all that comes: a handler that is always slow does not hold up the endpoint for good.
 */
@Experimental
@FunctionalInterface
public interface FrameHandler {
  /**
   * Takes {@code frame}, or leaves it to the thread that reads. What it throws is thrown there by
   * the reader, which reads no more.
   *
   * @param frame its size included, read-only, to be read before this returns
   * @return whether it was taken
   */
  boolean take(MemorySegment frame);
}
