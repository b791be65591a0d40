package rs.jetstream.quic;

import java.lang.foreign.MemorySegment;

/**
 * Takes the answer to a request on the endpoint's own thread, under the rules of {@link
 * RequestHandler}. One of its methods is called, once.
 */
@Experimental
public interface AnswerHandler {
  /**
   * The answer is there.
   *
   * @param answer all of it, read-only, to be read before this returns
   */
  void answered(MemorySegment answer);

  /**
   * There is none: of kind DEADLINE after the request's time, LIMIT when the answer is longer than
   * {@link Exchanges#MAX_SIZE}, STREAM_RESET when the peer refused it, or why the connection ended.
   */
  void failed(JetStreamException why);
}
