package rs.jetstream.quic;

import java.lang.foreign.MemorySegment;

/**
 * Answers small requests on the endpoint's own thread: the shortest way from packet to packet.
 *
 * <p>Nothing of the endpoint goes on until it returns. It must not block, nor take long:
 * microseconds. What the library offers that would wait refuses to here, with an
 * IllegalStateException; the rest is the handler's to keep. For whatever needs more, {@link
 * #DECLINE} and accept the stream.
 */
@Experimental
@FunctionalInterface
public interface RequestHandler {
  /** The answer that leaves the request to {@link QuicConnection#acceptBidirectional()}. */
  long DECLINE = -1;

  /**
   * Answers one request. What it throws resets the request's stream with {@link
   * QuicSettings#abandonedStreamCode()}, and is counted.
   *
   * @param connection whose peer asks
   * @param request all of it, read-only, to be read before this returns
   * @param answer {@link Exchanges#MAX_SIZE} bytes to put the answer into; the same as {@code
   *     request}'s memory never
   * @return the length of the answer, or {@link #DECLINE}
   */
  long answer(QuicConnection connection, MemorySegment request, MemorySegment answer)
      throws Exception;
}
