package rs.jetstream.quic;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * The receiving direction of a stream.
 *
 * <p>{@link #receive} copies into memory of the caller and allocates nothing. {@link #lend()} gives
 * the bytes where s2n-quic put them. A clean end is a value, an abrupt one a {@link
 * StreamException} of kind STREAM_RESET.
 *
 * {@snippet :
 * for (long n; (n = stream.receive(segment)) >= 0; ) {
 *   consume(segment.asSlice(0, n));
 * }
 * }
 */
public sealed interface ReceiveStream extends QuicStream
    permits BidirectionalStream, ReceiveStreamImpl {
  /**
   * Receives what has arrived, waiting for at least one byte.
   *
   * @param target native memory, or a heap segment of a byte array
   * @return the number of bytes, 0 only for an empty target; -1 at the clean end
   * @throws StreamException when the peer reset the stream, this side stopped it meanwhile, or the
   *     deadline passed
   * @throws ConnectionException when the connection ended
   * @throws IllegalStateException when the stream is closed or another thread is receiving
   */
  long receive(MemorySegment target) throws IOException;

  /** Receives into the remaining bytes; the position moves. As {@link #receive(MemorySegment)}. */
  int receive(ByteBuffer target) throws IOException;

  /** Receives into an array. As {@link #receive(MemorySegment)}. */
  default int receive(byte[] target) throws IOException {
    return (int) receive(MemorySegment.ofArray(target));
  }

  /**
   * Receives all up to the clean end.
   *
   * @param limit more bytes than this fail with kind LIMIT, and the stream is left in the middle
   */
  byte[] receiveAll(int limit) throws IOException;

  /**
   * Lends up to 32 received chunks without a copy, waiting for at least one; an empty lease is the
   * clean end.
   *
   * <p>The lease belongs to the calling thread, which closes it.
   *
   * @throws StreamException also of kind LIMIT when {@link QuicSettings#maxLeased()} is reached:
   *     close leases first
   */
  Lease lend() throws IOException;

  /**
   * Ends the direction: drops what has arrived and asks the peer to reset with {@code code}, below
   * 2^62. A receive under way ends. Does not block.
   */
  void stopSending(long code) throws IOException;

  /**
   * A view as a stream of the JDK; its {@code close} stops the direction with code 0 unless it has
   * ended.
   */
  InputStream inputStream();

  /** A view as a channel; its {@code close} stops the direction with code 0 unless it has ended. */
  ReadableByteChannel readableChannel();
}
