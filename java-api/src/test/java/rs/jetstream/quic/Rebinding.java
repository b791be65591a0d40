package rs.jetstream.quic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A NAT between one client and one server, which changes the client's port when it is told to. */
final class Rebinding implements AutoCloseable {
  private final InetSocketAddress server;
  private final DatagramSocket inside;
  private final AtomicReference<DatagramSocket> outside = new AtomicReference<>();
  private final Set<DatagramSocket> all = ConcurrentHashMap.newKeySet();
  private volatile InetSocketAddress client;
  private final AtomicInteger toLose = new AtomicInteger();

  Rebinding(InetSocketAddress server) throws IOException {
    this.server = server;
    inside = socket();
    rebind();
    Thread.ofPlatform().daemon().name("rebinding-inside").start(this::fromClient);
  }

  private DatagramSocket socket() throws SocketException {
    DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    all.add(socket);
    return socket;
  }

  InetSocketAddress address() {
    return (InetSocketAddress) inside.getLocalSocketAddress();
  }

  /** From now on the server sees another port; answers to the old one get lost. */
  int rebind() throws IOException {
    DatagramSocket fresh = socket();
    DatagramSocket old = outside.getAndSet(fresh);
    Thread.ofPlatform().daemon().name("rebinding-outside").start(() -> fromServer(fresh));
    if (old != null) {
      old.close();
    }
    return fresh.getLocalPort();
  }

  /** Of the next packets of the client, every second one gets lost. */
  void loseFromClient(int packets) {
    toLose.set(packets);
  }

  private void fromClient() {
    byte[] bytes = new byte[65_536];
    while (!inside.isClosed()) {
      DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
      try {
        inside.receive(packet);
        client = (InetSocketAddress) packet.getSocketAddress();
        packet.setSocketAddress(server);
        if (toLose.get() == 0 || toLose.decrementAndGet() % 2 == 0) {
          outside.get().send(packet);
        }
      } catch (IOException e) {
        // A socket that was closed meanwhile loses the packet, as a NAT would.
      }
    }
  }

  private void fromServer(DatagramSocket socket) {
    byte[] bytes = new byte[65_536];
    while (!socket.isClosed()) {
      DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
      try {
        socket.receive(packet);
        packet.setSocketAddress(client);
        inside.send(packet);
      } catch (IOException e) {
        if (!socket.isClosed() && !inside.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  @Override
  public void close() {
    all.forEach(DatagramSocket::close);
  }
}
