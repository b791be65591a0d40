package rs.jetstream.quic;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.NativeConnection;
import rs.jetstream.ffi.NativeStatus;

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
    return send(MemorySegment.ofArray(data));
  }

  /** As {@link #send(byte[])}. */
  public boolean send(MemorySegment data) throws IOException {
    String doing = "send a datagram";
    NativeBuffer buffer = data.isNative() ? null : NativeBuffer.take();
    try {
      MemorySegment copy = data;
      if (buffer != null) {
        if (data.byteSize() > NativeBuffer.SIZE) {
          throw new IllegalArgumentException(
              doing + ": data has " + data.byteSize() + " bytes, no packet is that large");
        }
        copy = buffer.segment().asSlice(0, data.byteSize());
        MemorySegment.copy(data, 0, copy, 0, data.byteSize());
      }
      MemorySegment bytes = copy;
      boolean[] taken = new boolean[1];
      connection.call(
          doing,
          block -> {
            int status = NativeConnection.sendDatagram(connection.handle(), bytes, block);
            taken[0] = status == NativeStatus.OK && block.flag1();
            return status;
          });
      return taken[0];
    } finally {
      if (buffer != null) {
        buffer.give();
      }
    }
  }

  /** Takes the next datagram, waiting for one at most {@code timeout}; null is for ever. */
  public byte[] receive(@Nullable Duration timeout) throws IOException {
    NativeBuffer buffer = NativeBuffer.take();
    try {
      long length =
          connection.pollInTurn(
              connection.turns().datagram,
              "receive a datagram",
              timeout,
              block ->
                  NativeConnection.pollReceiveDatagram(
                      connection.handle(), buffer.segment(), block));
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
    NativeConnection.DatagramStats[] out = new NativeConnection.DatagramStats[1];
    connection.call(
        "read statistics of datagrams",
        block -> NativeConnection.datagramStats(connection.handle(), out, block));
    NativeConnection.DatagramStats it = out[0];
    return new Statistics(
        it.largest(), it.sent(), it.received(), it.droppedSending(), it.droppedReceiving());
  }

  @Override
  public String toString() {
    return "Datagrams[" + connection + "]";
  }
}
