package rs.jetstream.quic;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * The sending direction of a stream.
 *
 * <p>Sending copies into the connection's send buffer, at most {@link QuicSettings#sendBuffer()}
 * bytes ahead of what the peer has acknowledged, and waits while that is full. {@link #claim} sends
 * without the copy.
 *
 * {@snippet :
 * try (SendStream stream = connection.openUnidirectional()) {
 *   stream.send(bytes);
 *   stream.finish(); // without this, close() resets
 * }
 * }
 */
public sealed interface SendStream extends QuicStream permits BidirectionalStream, SendStreamImpl {
  /**
   * Sends a copy of all of {@code data}, native or on the heap, waiting while there is no room.
   *
   * @throws StreamException when the peer stopped the stream, this side ended it meanwhile, or the
   *     deadline passed
   * @throws ConnectionException when the connection ended
   * @throws IllegalStateException when the stream is closed or another thread is sending
   */
  void send(MemorySegment data) throws IOException;

  /**
   * Sends a copy of all remaining bytes; the position moves with what was sent. As {@link
   * #send(MemorySegment)}.
   */
  void send(ByteBuffer data) throws IOException;

  /** Sends a copy of all of {@code data}. As {@link #send(MemorySegment)}. */
  default void send(byte[] data) throws IOException {
    send(MemorySegment.ofArray(data));
  }

  /**
   * Sends a copy of as much of {@code data} as there is room for now, from its first byte on. Does
   * not block.
   *
   * @return the number of bytes that were taken, which may be 0
   * @throws IOException as {@link #send(MemorySegment)}, but for the deadline
   */
  long trySend(MemorySegment data) throws IOException;

  /**
   * Sends all of {@code data} and finishes, in one call where there is room. As {@link
   * #send(MemorySegment)}.
   *
   * @throws StreamException also when the peer stopped the stream before the end was sent, though
   *     it may have received all of {@code data}: what it has answered can still be received
   */
  void sendAndFinish(MemorySegment data) throws IOException;

  /** Sends all of {@code data} and finishes. As {@link #send(MemorySegment)}. */
  default void sendAndFinish(byte[] data) throws IOException {
    sendAndFinish(MemorySegment.ofArray(data));
  }

  /**
   * Lends zeroed native memory for writing, which is then sent without a copy. Does not block.
   *
   * @param size bytes, 1 to {@link QuicSettings#maxClaim()}
   * @throws StreamException of kind LIMIT when {@link QuicSettings#maxClaimed()} is reached
   */
  Claim claim(long size) throws IOException;

  /**
   * Ends the direction cleanly: the peer receives all that was sent, then the end. Idempotent; does
   * not block.
   */
  void finish() throws IOException;

  /**
   * Waits until the peer has acknowledged all that was sent, and the end if it was sent: proof that
   * its transport has it, not that its program has read it.
   */
  void flush() throws IOException;

  /**
   * Ends the direction abruptly: what is not sent is dropped, and the peer's receiving fails with
   * {@code code}, below 2^62. A send under way ends. Does not block.
   */
  void reset(long code) throws IOException;

  /**
   * A view as a stream of the JDK. Its {@code flush} does nothing, since nothing is held back; its
   * {@code close} finishes the direction, other than {@link #close()}, which resets one that was
   * not finished.
   */
  OutputStream outputStream();

  /** A view as a channel; its {@code close} finishes the direction. */
  WritableByteChannel writableChannel();
}
