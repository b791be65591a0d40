package rs.jetstream.benchmarks.trials;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;

/** First flights of real clients, taken by a socket that never answers. */
final class Hellos {
  private static final int TYPE = 0xf0;
  private static final int INITIAL = 0xc0;
  private static final int ID_AT = 5;

  private Hellos() {}

  /** So many hellos, each all its datagrams. */
  static List<List<ByteBuffer>> record(QuicClient client, int count) throws IOException {
    List<List<ByteBuffer>> hellos = new ArrayList<>();
    try (DatagramChannel sink = DatagramChannel.open()) {
      sink.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      InetSocketAddress address = (InetSocketAddress) sink.getLocalAddress();
      int datagrams = 0;
      ByteBuffer last = ByteBuffer.allocate(0);
      ByteBuffer buffer = ByteBuffer.allocate(2048);
      while (hellos.size() < count) {
        CompletableFuture<QuicConnection> attempt = client.connectAsync(address, "localhost", null);
        List<ByteBuffer> hello = new ArrayList<>();
        ByteBuffer id = last;
        // How many datagrams a hello has, the first one tells: the next begins with another id.
        while (datagrams == 0 || hello.size() < datagrams) {
          sink.receive(buffer.clear());
          ByteBuffer datagram = buffer.flip();
          ByteBuffer its = idOf(datagram);
          if (hello.isEmpty() ? its.equals(last) : !its.equals(id)) {
            continue; // of the attempt before
          }
          id = its;
          hello.add(copy(datagram));
          if (datagrams == 0) {
            datagrams = rest(sink, buffer, hello);
          }
        }
        last = id;
        attempt.cancel(true);
        hellos.add(hello);
      }
    }
    return hellos;
  }

  /** Takes what is there besides the first datagram, before the client sends anything again. */
  private static int rest(DatagramChannel sink, ByteBuffer buffer, List<ByteBuffer> hello)
      throws IOException {
    sink.configureBlocking(false);
    long end = System.nanoTime() + 50_000_000;
    while (System.nanoTime() < end) {
      if (sink.receive(buffer.clear()) != null) {
        hello.add(copy(buffer.flip()));
      }
      Thread.onSpinWait();
    }
    sink.configureBlocking(true);
    return hello.size();
  }

  /** The destination's connection id of an Initial packet. */
  private static ByteBuffer idOf(ByteBuffer datagram) throws IOException {
    if ((datagram.get(0) & TYPE) != INITIAL) {
      throw new IOException("a client that was never answered sends no Initial packet");
    }
    return copy(datagram.duplicate().position(ID_AT).limit(ID_AT + 1 + datagram.get(ID_AT)));
  }

  private static ByteBuffer copy(ByteBuffer datagram) {
    return ByteBuffer.allocateDirect(datagram.remaining()).put(datagram.duplicate()).flip();
  }
}
