package rs.jetstream.benchmarks.trials;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import rs.jetstream.benchmarks.JetStreamTransport;
import rs.jetstream.benchmarks.Options;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;

/** The id that a server gave to a connection, read off the wire between both, after its end. */
final class StaleId {
  private static final int ID_SIZE = 16;
  private static final int TRIES = 100;
  private static final int PAUSE_MS = 100;

  private volatile byte @Nullable [] seen;
  private volatile @Nullable SocketAddress client;

  private StaleId() {}

  /** Makes a connection, ends it, and returns when the server answers its id with a reset. */
  static byte[] of(Options options, InetSocketAddress server) throws IOException {
    StaleId it = new StaleId();
    try (DatagramSocket front = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        DatagramSocket back = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Thread.ofPlatform().daemon().start(() -> it.forward(front, back, server));
      Thread.ofPlatform().daemon().start(() -> it.forward(back, front, null));
      InetSocketAddress address = (InetSocketAddress) front.getLocalSocketAddress();
      try (QuicClient client = JetStreamTransport.client(options).open();
          QuicConnection connection = client.connect(address, "localhost", null)) {
        Call.make(connection);
      }
    }
    byte[] id = it.seen;
    if (id == null) {
      throw new IOException("the connection sent no packet with a short header");
    }
    awaitReset(id, server);
    return id;
  }

  /** To {@code server}, or back to the client, until a socket is closed. */
  private void forward(DatagramSocket from, DatagramSocket to, @Nullable SocketAddress server) {
    DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
    try {
      while (true) {
        packet.setLength(2048);
        from.receive(packet);
        if (server != null) {
          client = packet.getSocketAddress();
          if (packet.getData()[0] >= 0 && packet.getLength() > ID_SIZE) {
            seen = Arrays.copyOfRange(packet.getData(), 1, 1 + ID_SIZE);
          }
        }
        SocketAddress other = server != null ? server : client;
        if (other != null) {
          packet.setSocketAddress(other);
          to.send(packet);
        }
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  /** A connection that was closed is remembered for a while, and then its id is unknown. */
  private static void awaitReset(byte[] id, InetSocketAddress server) throws IOException {
    Random random = new Random();
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.setSoTimeout(PAUSE_MS);
      for (int i = 0; i < TRIES; i++) {
        ByteBuffer packet = Garbage.shortHeader(random, id);
        byte[] bytes = new byte[packet.remaining()];
        packet.get(bytes);
        socket.send(new DatagramPacket(bytes, bytes.length, server));
        try {
          socket.receive(new DatagramPacket(new byte[2048], 2048));
          return;
        } catch (SocketTimeoutException e) {
          // Not yet.
        }
      }
    }
    throw new IOException("the server resets no connection that it does not know");
  }
}
