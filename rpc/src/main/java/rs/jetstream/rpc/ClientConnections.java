package rs.jetstream.rpc;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;

/**
 * A client's connections to one server, made when they are needed and made again when they have
 * ended. Between attempts that failed lies a time that doubles, with a part left to chance.
 */
final class ClientConnections implements LaneOpener {
  /** One of the server's addresses. */
  record Target(String host, int port) {}

  private static final long FIRST_BACKOFF_NANOS = 50_000_000;
  private static final long LONGEST_BACKOFF_NANOS = 5_000_000_000L;

  private final QuicClient quic;
  private final List<Target> targets;
  private final int maxFrame;
  private final Duration openTimeout;
  private final Duration frameTimeout;
  private final Duration sendTimeout;
  private final boolean keepAlive;
  private final @Nullable ServerSettings callbacks;
  private final Place[] places;
  private volatile boolean closed;

  ClientConnections(
      QuicClient quic,
      List<Target> targets,
      int connections,
      int maxFrame,
      Duration openTimeout,
      Duration frameTimeout,
      Duration sendTimeout,
      boolean keepAlive,
      @Nullable ServerSettings callbacks) {
    this.quic = quic;
    this.targets = targets;
    this.maxFrame = maxFrame;
    this.openTimeout = openTimeout;
    this.frameTimeout = frameTimeout;
    this.sendTimeout = sendTimeout;
    this.keepAlive = keepAlive;
    this.callbacks = callbacks;
    places = new Place[connections];
    for (int i = 0; i < connections; i++) {
      places[i] = new Place(i);
    }
  }

  @Override
  public LaneTransport open(int index) throws IOException {
    QuicConnection connection = places[index % places.length].get();
    return new QuicLane(
        connection.openBidirectional(openTimeout), maxFrame, frameTimeout, sendTimeout);
  }

  @Override
  public void close() {
    closed = true;
    quic.close();
  }

  /** Where one connection is. */
  private final class Place {
    private final ReentrantLock lock = new ReentrantLock();

    /**
     * Of the targets: the last one that was reached, or at first a different one for each place.
     */
    private int preferred;

    private @Nullable QuicConnection connection;
    private int failures;
    private long notBefore;

    Place(int index) {
      preferred = index % targets.size();
    }

    QuicConnection get() throws IOException {
      lock.lock(); // who comes during an attempt wants its outcome
      try {
        QuicConnection it = connection;
        if (it != null && !it.isClosed()) {
          if (it.closeReason().isEmpty()) {
            return it;
          }
          it.close();
        }
        awaitTurn();
        boolean made = false;
        try {
          it = connect();
          made = true;
        } finally {
          failures = made ? 0 : failures + 1;
          notBefore = System.nanoTime() + backoff(failures);
        }
        connection = it;
        return it;
      } finally {
        lock.unlock();
      }
    }

    private void awaitTurn() throws IOException {
      while (failures > 0 && notBefore - System.nanoTime() > 0) {
        if (closed) {
          throw new RpcException("the client is closed", Kind.CLOSED_LOCALLY);
        }
        LockSupport.parkNanos(this, Math.max(1, notBefore - System.nanoTime()));
        if (Thread.interrupted()) {
          throw new InterruptedIOException("interrupted while waiting to connect again");
        }
      }
    }

    private QuicConnection connect() throws IOException {
      IOException first = null;
      for (int i = 0; i < targets.size(); i++) {
        int index = (preferred + i) % targets.size();
        Target target = targets.get(index);
        try {
          QuicConnection it = connect(target);
          preferred = index;
          return it;
        } catch (IOException e) {
          if (first == null) {
            first = e;
          } else {
            first.addSuppressed(e);
          }
        }
      }
      throw first == null ? new IOException("no address") : first;
    }

    private QuicConnection connect(Target target) throws IOException {
      IOException first = null;
      for (InetAddress address : addresses(target)) {
        try {
          QuicConnection it =
              quic.connect(
                  new InetSocketAddress(address, target.port()), target.host(), openTimeout);
          if (keepAlive) {
            it.keepAlive(true);
          }
          ServerSettings serves = callbacks;
          if (serves != null) {
            Thread.startVirtualThread(new ServerConnection(serves, it, ended -> {}));
          }
          return it;
        } catch (IOException e) {
          if (first == null) {
            first = e;
          } else {
            first.addSuppressed(e);
          }
        }
      }
      throw first == null ? new IOException("no address") : first;
    }

    private static List<InetAddress> addresses(Target target) throws IOException {
      try {
        return new ArrayList<>(List.of(InetAddress.getAllByName(target.host())));
      } catch (UnknownHostException e) {
        throw new RpcException(
            "connect to " + Text.printable(target.host()) + " failed: the host has no address",
            Kind.UNKNOWN_HOST);
      }
    }
  }

  /** Half of the time at least, all of it at most. */
  private static long backoff(int failures) {
    if (failures == 0) {
      return 0;
    }
    long whole = Math.min(LONGEST_BACKOFF_NANOS, FIRST_BACKOFF_NANOS << Math.min(failures - 1, 10));
    return whole / 2 + ThreadLocalRandom.current().nextLong(whole / 2 + 1);
  }
}
