package rs.jetstream.ffi;

import java.lang.foreign.MemorySegment;
import rs.jetstream.ffi.raw.jetstream_h;

/** Checked calls for exchanges. Each answers a {@link NativeStatus}. */
public final class NativeExchange {
  /** The request is to be accepted as a stream. */
  public static final long DECLINED = -1;

  /** There is no answer: the stream is reset. */
  public static final long FAILED = -2;

  private NativeExchange() {}

  static int open(long endpoint, MemorySegment input, MemorySegment output, Block block) {
    return jetstream_h.jetstream_endpoint_exchanges(
        endpoint, Upcall.EXCHANGE, input, output, input.byteSize(), block.error);
  }

  /** Hands the peer's requests over to the owner of the connection's slot. Once. */
  public static int answer(long connection, Block block) {
    return jetstream_h.jetstream_connection_answer(connection, block.error);
  }

  /**
   * Sends a request; what comes of it is handed over to the owner of {@code token}'s slot, once,
   * unless the owner is woken because the endpoint has ended.
   */
  public static int request(
      long connection, long token, MemorySegment data, int timeoutMillis, Block block) {
    Call.nativeMemory(data, "request");
    try {
      return jetstream_h.jetstream_connection_request(
          connection, token, data, data.byteSize(), timeoutMillis, block.error);
    } catch (AssertionError e) {
      throw Call.unwrap(e);
    }
  }
}
