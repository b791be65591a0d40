package rs.jetstream.quic;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.ExchangeMemory;
import rs.jetstream.ffi.NativeConfig;
import rs.jetstream.ffi.NativeControl;
import rs.jetstream.ffi.NativeEndpoint;
import rs.jetstream.ffi.NativeStatus;
import rs.jetstream.ffi.WakeSlot;
import rs.jetstream.ffi.Wakeable;
import rs.jetstream.quic.JetStreamException.Kind;

/** What servers and clients share: one socket, one native thread, and the connections on it. */
abstract sealed class QuicEndpoint implements AutoCloseable permits QuicServer, QuicClient {
  /** Time beyond the drain that the native thread has to end; it needs milliseconds. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

  private final String name;
  private final QuicSettings settings;
  private final long handle;
  private final WakeSlot slot;
  private final Wakes wakes;
  private final InetSocketAddress localAddress;
  private volatile TlsOptions tls;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Set<QuicConnection> connections = ConcurrentHashMap.newKeySet();
  private final Events events;
  private final ReentrantLock exchanging = new ReentrantLock();
  private volatile @Nullable ExchangeMemory exchangeMemory;

  /** Who waits for what; made before there is an endpoint, so that the native half can wake. */
  private static final class Wakes implements Wakeable {
    final Turn accept = new Turn();
    final Waiter closed = new Waiter();
    final Waiter question = new Waiter();
    final Waiter event = new Waiter();
    final AtomicReference<QuicEndpoint> endpoint = new AtomicReference<>();

    @Override
    public void wake(int operation) {
      switch (operation) {
        case NativeEndpoint.WAKE_ACCEPT -> accept.waiter.wake();
        case NativeEndpoint.WAKE_QUESTION -> question.wake();
        case NativeEndpoint.WAKE_EVENT -> event.wake();
        default -> ended();
      }
    }

    private void ended() {
      closed.wake();
      QuicEndpoint it = endpoint.get();
      if (it != null) {
        Deadlines.run(it::wakeAll);
      }
    }
  }

  /** What was opened natively, on its way into a constructor that cannot fail. */
  record Opened(
      String name,
      QuicSettings settings,
      TlsOptions tls,
      @Nullable Path qlog,
      long handle,
      WakeSlot slot,
      Wakeable wakes,
      InetSocketAddress localAddress) {}

  QuicEndpoint(Opened opened) {
    name = opened.name;
    settings = opened.settings;
    handle = opened.handle;
    slot = opened.slot;
    wakes = (Wakes) opened.wakes;
    localAddress = opened.localAddress;
    tls = opened.tls;
    events = new Events(this, wakes.event, opened.qlog);
    wakes.endpoint.set(this);
    if (tls.asks()) {
      new Decisions(this, wakes.question).start();
    }
    events.start();
    FlightRecorder.add(this);
  }

  interface Open {
    int open(NativeConfig config, Block block);
  }

  interface Configure {
    void configure(NativeConfig config);
  }

  static Opened open(
      String name,
      String about,
      QuicSettings settings,
      TlsOptions tls,
      @Nullable Path qlog,
      Configure configure,
      Open open)
      throws IOException {
    Ready.ensure();
    Wakes wakes = new Wakes();
    WakeSlot slot = WakeSlot.take(wakes);
    Block block = Block.take();
    long handle = 0;
    boolean opened = false;
    try (NativeConfig config = new NativeConfig(slot.token())) {
      settings.applyTo(config);
      tls.applyTo(config);
      if (qlog != null) {
        config.qlog(Checks.text("qlog", qlog.toAbsolutePath()));
      }
      configure.configure(config);
      int status = open.open(config, block);
      if (status != NativeStatus.OK) {
        throw refused(about, tls, status, block);
      }
      handle = block.long0();
      NativeEndpoint.Details[] info = new NativeEndpoint.Details[1];
      status = NativeEndpoint.describe(handle, info, block);
      if (status != NativeStatus.OK) {
        throw Failures.of(about, block.failure(status));
      }
      // Arms the wake-up that tells of the endpoint's end, whatever ends it.
      wakes.closed.arm();
      int ignored = NativeEndpoint.pollClosed(handle, block);
      warnOfSmallBuffers(settings, info[0]);
      Opened it =
          new Opened(name, settings, tls, qlog, handle, slot, wakes, info[0].localAddress());
      opened = true;
      return it;
    } finally {
      block.give();
      if (!opened) {
        if (handle != 0) {
          NativeEndpoint.free(handle);
        }
        slot.release();
      }
    }
  }

  /** Once per process: the same for all, and only the administrator can change it. */
  private static void warnOfSmallBuffers(QuicSettings settings, NativeEndpoint.Details info) {
    warnOfSmallBuffer(
        "receive", "rmem_max", settings.socketReceiveBuffer(), info.socketReceiveBuffer());
    warnOfSmallBuffer("send", "wmem_max", settings.socketSendBuffer(), info.socketSendBuffer());
  }

  private static void warnOfSmallBuffer(String which, String limit, int asked, long granted) {
    if (granted < asked && WARNED.add(which)) {
      System.getLogger("rs.jetstream.quic")
          .log(
              System.Logger.Level.WARNING,
              "the system granted {0} of {1} bytes for the {2} buffer of a UDP socket, which costs"
                  + " throughput: run sysctl -w net.core.{3}={1}",
              Long.toString(granted),
              Integer.toString(asked),
              which,
              limit);
    }
  }

  private static IOException refused(String about, TlsOptions tls, int status, Block block) {
    Failures.rejectArgument(about, status, block.failure(status));
    boolean policy = status == NativeStatus.TLS_POLICY;
    String named = policy ? " by the security policy '%.64s'".formatted(tls.securityPolicy()) : "";
    return Failures.of(about + Failures.printable(named), block.failure(status));
  }

  /**
   * Makes new handshakes with what {@code change} names; connections that are there keep what they
   * have. Nothing changes when it fails.
   *
   * @throws ConfigurationException when s2n-tls refuses identity, trust or policy
   * @throws IllegalStateException when it is closed, or an identity or ticket key is that {@code
   *     change} names or leaves as it is: those of {@link CertificateWatcher} are
   */
  public final void reload(TlsReload change) throws IOException {
    String doing = "reload the TLS settings";
    requireOpen(doing);
    TlsOptions next = tls.with(change);
    check(next, doing);
    Block block = Block.take();
    try (NativeConfig config = new NativeConfig(slot.token())) {
      settings.applyTo(config);
      next.applyTo(config);
      config.bind(localAddress);
      int status = NativeControl.reload(handle, config, block);
      if (status == NativeStatus.CLOSED) {
        throw failure(doing, status, block);
      }
      if (status != NativeStatus.OK) {
        throw refused(doing + next.about(), next, status, block);
      }
      tls = next;
    } finally {
      block.give();
    }
  }

  /** Refuses what this endpoint must not have. */
  abstract void check(TlsOptions next, String doing) throws ConfigurationException;

  final TlsOptions tlsOptions() {
    return tls;
  }

  final Events events() {
    return events;
  }

  /**
   * Tells {@code listener} what happens from now on. Without a listener, and without a flight
   * recording, nothing is noted.
   */
  public final void listen(EndpointListener listener) {
    Objects.requireNonNull(listener, "listener");
    requireOpen("listen");
    events.add(listener);
  }

  /** Tells {@code listener} nothing more. */
  public final void ignore(EndpointListener listener) {
    events.remove(listener);
  }

  /** What messages of exchanges go through; made when the first one wants it. */
  final ExchangeMemory exchangeMemory(String doing) throws IOException {
    ExchangeMemory memory = exchangeMemory;
    if (memory != null) {
      return memory;
    }
    exchanging.lock();
    Block block = Block.take();
    try {
      memory = exchangeMemory;
      if (memory == null) {
        ExchangeMemory[] out = new ExchangeMemory[1];
        int status = ExchangeMemory.open(handle, out, block);
        if (status != NativeStatus.OK) {
          throw failure(doing, status, block);
        }
        exchangeMemory = memory = out[0];
      }
      return memory;
    } finally {
      block.give();
      exchanging.unlock();
    }
  }

  /** The connections that were opened or accepted here and are not closed, of this moment. */
  public final List<QuicConnection> openConnections() {
    return List.copyOf(connections);
  }

  final Set<QuicConnection> connections() {
    return connections;
  }

  final QuicSettings settings() {
    return settings;
  }

  final long handle() {
    return handle;
  }

  final Turn acceptTurn() {
    return wakes.accept;
  }

  /** The address that the socket is bound to. */
  public final InetSocketAddress localAddress() {
    return localAddress;
  }

  /** Numbers of this moment. */
  public final EndpointStatistics statistics() throws IOException {
    requireOpen("read statistics");
    Block block = Block.take();
    try {
      NativeEndpoint.Details[] out = new NativeEndpoint.Details[1];
      int status = NativeEndpoint.describe(handle, out, block);
      if (status != NativeStatus.OK) {
        throw failure("read statistics", status, block);
      }
      NativeEndpoint.Details info = out[0];
      List<Long> refused = info.refused();
      return new EndpointStatistics(
          info.connections(),
          info.established(),
          info.handshakesFailed(),
          RefusedHandshake.Cause.counts(info.handshakesRefused()),
          info.retries(),
          new EndpointStatistics.Refused(
              refused.get(0),
              refused.get(1),
              refused.get(2),
              refused.get(3),
              refused.get(4),
              refused.get(5),
              refused.get(6),
              refused.get(7),
              refused.get(8),
              refused.get(9)),
          info.statelessResets(),
          info.datagramsSent(),
          info.datagramsReceived(),
          info.bytesSent(),
          info.bytesReceived(),
          info.datagramsDropped(),
          info.packetsLost(),
          info.sendBuffered(),
          info.eventsDropped(),
          info.qlogDropped(),
          info.socketReceiveBuffer(),
          info.socketSendBuffer());
    } finally {
      block.give();
    }
  }

  final QuicConnection adopt(
      long connection, WakeSlot slot, ConnectionTurns turns, boolean client) {
    QuicConnection it = new QuicConnection(this, connection, slot, turns, client);
    connections.add(it);
    if (closed.get()) {
      it.close();
    } else {
      it.begin(settings.keepAlive());
    }
    return it;
  }

  final void forget(QuicConnection connection) {
    connections.remove(connection);
  }

  private void wakeAll() {
    wakes.accept.waiter.wake();
    connections.forEach(QuicConnection::wakeAll);
    onEnd();
  }

  /** The endpoint has ended: whoever waits for more than connections and streams looks again. */
  abstract void onEnd();

  final void requireOpen(String doing) {
    if (closed.get()) {
      throw new IllegalStateException(doing + ": the " + name + " is closed");
    }
  }

  final IOException failure(String doing, int status, Block block) {
    if (status == NativeStatus.CLOSED) {
      return new ConnectionException(
          doing + " failed: " + name + " closed by this side", Kind.CLOSED_LOCALLY);
    }
    Failures.rejectArgument(doing, status, block.failure(status));
    if (status == NativeStatus.CONNECTION_ENDPOINT_CLOSING && closed.get()) {
      return new ConnectionException(
          doing + " failed: " + name + " closed by this side", Kind.CLOSED_LOCALLY);
    }
    return Failures.of(doing, block.failure(status));
  }

  /** Whether it has ended, after waiting for that for {@code time}. */
  final boolean waitEnded(Duration time) throws InterruptedException {
    return ended.await(time.toNanos(), java.util.concurrent.TimeUnit.NANOSECONDS);
  }

  /** Whether it was closed. */
  public final boolean isClosed() {
    return closed.get();
  }

  /**
   * Closes with code 0, waiting at most {@link QuicSettings#drainTimeout()}. As {@link #close(long,
   * Duration)}.
   */
  @Override
  public final void close() {
    close(0, settings.drainTimeout());
  }

  /**
   * Refuses new work, closes all connections with {@code code}, below 2^62, and gives back thread,
   * socket and memory: when it returns, the port can be bound again. Calls under way end with kind
   * CLOSED_LOCALLY. Idempotent: a second caller waits as well. Not interruptible; bounded.
   *
   * @param drain how long connections may take to end
   */
  public final void close(long code, Duration drain) {
    Objects.requireNonNull(drain, "drain");
    if (code < 0 || code >>> 62 != 0) {
      throw new IllegalArgumentException("code is " + code + ", must be from 0 to 2^62-1");
    }
    int drainMillis = Checks.millis("drain", drain);
    if (closed.compareAndSet(false, true)) {
      try {
        end(code, drainMillis);
      } finally {
        ended.countDown();
      }
      return;
    }
    boolean interrupted = false;
    while (true) {
      try {
        ended.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void end(long code, int drainMillis) {
    Block block = Block.take();
    try {
      int ignored = NativeEndpoint.close(handle, code, drainMillis, block);
      connections.forEach(connection -> connection.closeByEndpoint(code));
      wakes.accept.waiter.wake();
      onEnd();
      long deadline = Waiter.deadlineAfter(Duration.ofMillis(drainMillis).plus(GRACE));
      while (true) {
        wakes.closed.arm();
        int status = NativeEndpoint.pollClosed(handle, block);
        if (status != NativeStatus.PENDING) {
          ExchangeMemory memory = exchangeMemory;
          if (memory != null) {
            memory.release();
          }
          break;
        }
        if (!wakes.closed.awaitUninterruptibly(deadline)) {
          System.getLogger("rs.jetstream.quic")
              .log(System.Logger.Level.WARNING, "{0} did not end in time: left to itself", name);
          break;
        }
      }
    } finally {
      block.give();
      NativeEndpoint.free(handle);
      FlightRecorder.remove(this);
      // Whoever takes questions and events finds the endpoint gone.
      wakes.question.wake();
      wakes.event.wake();
      slot.release();
    }
  }

  @Override
  public final String toString() {
    return name + (isClosed() ? "[closed]" : "[" + localAddress + "]");
  }
}
