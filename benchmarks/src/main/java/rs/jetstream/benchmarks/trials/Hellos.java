package rs.jetstream.benchmarks.trials;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;

/** First flights of real clients, taken by a socket that never answers. */
final class Hellos {
  private static final int TYPE = 0xf0;
  private static final int INITIAL = 0xc0;
  private static final int ID_AT = 5;
  private static final int MOST = 2048;

  /** Hellos that tell, by the median, how many datagrams one has. */
  private static final int TELLING = 9;

  /** All of a hello has come by then, and nothing is sent again before. */
  private static final int WHOLE_MS = 50;

  /** Hellos of which a datagram was lost. */
  private static final int BROKEN = 100;

  private final QuicClient client;
  private final DatagramSocket sink;
  private final byte[] buffer = new byte[MOST];
  private byte[] before = new byte[0];

  private Hellos(QuicClient client, DatagramSocket sink) {
    this.client = client;
    this.sink = sink;
  }

  /** So many hellos, each all its datagrams. */
  static List<List<ByteBuffer>> record(QuicClient client, int count) throws IOException {
    try (DatagramSocket sink = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      sink.setSoTimeout(WHOLE_MS);
      return new Hellos(client, sink).record(count);
    }
  }

  private List<List<ByteBuffer>> record(int count) throws IOException {
    int[] sizes = new int[TELLING];
    for (int i = 0; i < TELLING; i++) {
      sizes[i] = one(Integer.MAX_VALUE).size();
    }
    Arrays.sort(sizes);
    int datagrams = sizes[TELLING / 2];
    List<List<ByteBuffer>> hellos = new ArrayList<>();
    for (int broken = 0; hellos.size() < count; ) {
      List<ByteBuffer> hello = one(datagrams);
      if (hello.size() == datagrams) {
        hellos.add(hello);
      } else if (++broken > BROKEN) {
        throw new IOException("clients do not send " + datagrams + " datagrams at once any more");
      }
    }
    return hellos;
  }

  /** A hello: its first {@code datagrams}, or what comes before nothing comes. */
  private List<ByteBuffer> one(int datagrams) throws IOException {
    InetSocketAddress address = (InetSocketAddress) sink.getLocalSocketAddress();
    CompletableFuture<QuicConnection> attempt = client.connectAsync(address, "localhost", null);
    List<ByteBuffer> hello = new ArrayList<>();
    byte @Nullable [] id = null;
    while (hello.size() < datagrams) {
      DatagramPacket packet = new DatagramPacket(buffer, MOST);
      try {
        sink.receive(packet);
      } catch (SocketTimeoutException e) {
        break;
      }
      byte[] its = idOf(packet);
      if (id == null ? Arrays.equals(its, before) : !Arrays.equals(its, id)) {
        continue; // of the attempt before
      }
      id = its;
      hello.add(Garbage.direct(Arrays.copyOf(buffer, packet.getLength())));
    }
    before = id == null ? before : id;
    attempt.cancel(true);
    return hello;
  }

  /** The destination's connection id of an Initial packet. */
  private byte[] idOf(DatagramPacket packet) throws IOException {
    if ((buffer[0] & TYPE) != INITIAL || packet.getLength() <= ID_AT + buffer[ID_AT]) {
      throw new IOException("a client that was never answered sends no Initial packet");
    }
    return Arrays.copyOfRange(buffer, ID_AT + 1, ID_AT + 1 + buffer[ID_AT]);
  }
}
