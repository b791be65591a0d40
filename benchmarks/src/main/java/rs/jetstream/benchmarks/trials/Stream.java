package rs.jetstream.benchmarks.trials;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Sends volleys of datagrams at a rate, on a thread of its own, and counts what comes back. */
final class Stream {
  /** Most that is made up for at once after a wait. */
  private static final double BURST_SECONDS = 0.02;

  private static final double SECOND = 1e9;
  private static final long NAP_NANOS = 500_000;

  private final List<List<ByteBuffer>> volleys;
  private final double rate;
  private final boolean again;
  private final List<DatagramChannel> sockets = new ArrayList<>();
  private final ByteBuffer answer = ByteBuffer.allocateDirect(2048);
  private final Thread thread;
  private volatile boolean ended;
  private long sent;
  private long datagrams;
  private long bytesSent;
  private long bytesReceived;
  private double seconds;

  /**
   * Begins.
   *
   * @param rate volleys per second
   * @param sources addresses to send from; with one, it is the loopback's first
   * @param again whether it begins anew after the last volley, until it is ended
   */
  Stream(
      List<List<ByteBuffer>> volleys,
      double rate,
      int sources,
      InetAddress address,
      int port,
      boolean again)
      throws IOException {
    this.volleys = volleys;
    this.rate = rate;
    this.again = again;
    for (int i = 1; i <= sources; i++) {
      byte[] source = {127, 0, sources == 1 ? 0 : (byte) 1, (byte) i};
      DatagramChannel socket = DatagramChannel.open();
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(source), 0));
      socket.connect(new InetSocketAddress(address, port)).configureBlocking(false);
      sockets.add(socket);
    }
    thread = Thread.ofPlatform().daemon().start(this::send);
  }

  private void send() {
    long begin = System.nanoTime();
    long last = begin;
    double due = 0;
    while (!ended && (again || sent < volleys.size())) {
      long now = System.nanoTime();
      due = Math.min(due + (now - last) / SECOND * rate, BURST_SECONDS * rate);
      last = now;
      for (; due >= 1 && (again || sent < volleys.size()); due--) {
        volley();
      }
      LockSupport.parkNanos(NAP_NANOS);
    }
    seconds = (System.nanoTime() - begin) / SECOND;
  }

  private void volley() {
    DatagramChannel socket = sockets.get((int) (sent % sockets.size()));
    for (ByteBuffer datagram : volleys.get((int) (sent % volleys.size()))) {
      try {
        int count = socket.write(datagram.duplicate());
        datagrams += count > 0 ? 1 : 0;
        bytesSent += count;
        while (socket.read(answer.clear()) > 0) {
          bytesReceived += answer.position();
        }
      } catch (IOException e) {
        // Not sent, so not counted.
      }
    }
    sent++;
  }

  Map<String, Object> end() throws InterruptedException, IOException {
    ended = true;
    return await();
  }

  /** Waits for the last volley. */
  Map<String, Object> await() throws InterruptedException, IOException {
    thread.join();
    for (DatagramChannel socket : sockets) {
      socket.close();
    }
    return Map.of(
        "volleys", sent,
        "volleys_per_s", sent / seconds,
        "datagrams_per_s", datagrams / seconds,
        "bytes_sent", bytesSent,
        "bytes_received", bytesReceived);
  }
}
