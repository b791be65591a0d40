package rs.jetstream.quic;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Messages that may get lost, of one connection (RFC 9221): each fits into one packet, and is sent
 * once. Encrypted and congestion-controlled as streams are.
 *
 * <p>They are there when both endpoints were opened with a {@link QuicSettings#datagramBuffer()}.
 * The queues are bounded: what finds no room on the way out is refused, and on the way in the
 * oldest makes room for the newest. Both are counted.
 *
 * <p>Any thread; several may receive, and are served in order.
 */
@Experimental
public final class Datagrams {
  /**
   * Numbers of a connection's datagrams.
   *
   * @param largest bytes of the largest that the peer takes, 0 when it takes none; what a packet
   *     carries on the path may be less
   * @param sent datagrams that went out
   * @param received datagrams that came in
   * @param droppedSending refused for lack of room, or too large for the path
   * @param droppedReceiving came, and made room for newer ones before they were taken
   */
  public record Statistics(
      long largest, long sent, long received, long droppedSending, long droppedReceiving) {}

  private final QuicConnection connection;

  Datagrams(QuicConnection connection) {
    this.connection = connection;
  }

  /**
   * Sends a copy of {@code data} once, if there is room in the queue.
   *
   * @return whether there was
   * @throws IllegalArgumentException when it is larger than what the peer takes
   * @throws UnsupportedOperationException when the two sides did not agree on datagrams
   */
  public boolean send(byte[] data) throws IOException {
    return connection.sendDatagram(MemorySegment.ofArray(data));
  }

  /** As {@link #send(byte[])}. */
  public boolean send(MemorySegment data) throws IOException {
    return connection.sendDatagram(data);
  }

  /** Takes the next datagram, waiting for one at most {@code timeout}; null is for ever. */
  public byte[] receive(@Nullable Duration timeout) throws IOException {
    NativeBuffer buffer = NativeBuffer.take();
    try {
      long length = connection.receiveDatagram(buffer.segment(), timeout);
      byte[] bytes = new byte[(int) length];
      MemorySegment.copy(buffer.segment(), 0, MemorySegment.ofArray(bytes), 0, length);
      return bytes;
    } finally {
      buffer.give();
    }
  }

  /** Takes the next datagram into {@code target} and returns its length; what is more is cut. */
  public int receive(byte[] target, @Nullable Duration timeout) throws IOException {
    byte[] datagram = receive(timeout);
    System.arraycopy(datagram, 0, target, 0, Math.min(datagram.length, target.length));
    return datagram.length;
  }

  /** Numbers of this moment. */
  public Statistics statistics() throws IOException {
    return connection.datagramStatistics();
  }

  @Override
  public String toString() {
    return "Datagrams[" + connection + "]";
  }
}
