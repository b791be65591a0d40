package rs.jetstream.quic;

import static java.util.Objects.requireNonNullElse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;

/** A NAT between one client and one server, which changes the client's port when it is told to. */
final class Rebinding implements AutoCloseable {
  private final InetSocketAddress server;
  private final DatagramSocket inside;
  private final AtomicReference<DatagramSocket> outside = new AtomicReference<>();
  private final Set<DatagramSocket> all = ConcurrentHashMap.newKeySet();
  private volatile InetSocketAddress client;
  private final Queue<Fate> fates = new ConcurrentLinkedQueue<>();
  private final BlockingQueue<DatagramPacket> held = new LinkedBlockingQueue<>();

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

  /** What becomes of a packet. */
  enum Fate {
    LOST,
    PASSED,
    HELD
  }

  /** Decides about the client's next packets; those after them pass. */
  void fromClientNext(Fate... next) {
    fates.addAll(List.of(next));
  }

  /** Waits for a packet that is held, and passes it. */
  void release() {
    try {
      outside.get().send(held.take());
    } catch (IOException e) {
      // As below.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void fromClient() {
    byte[] bytes = new byte[65_536];
    while (!inside.isClosed()) {
      DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
      try {
        inside.receive(packet);
        client = (InetSocketAddress) packet.getSocketAddress();
        packet.setSocketAddress(server);
        switch (requireNonNullElse(fates.poll(), Fate.PASSED)) {
          case LOST -> {}
          case PASSED -> outside.get().send(packet);
          case HELD ->
              held.add(new DatagramPacket(packet.getData().clone(), packet.getLength(), server));
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
