package rs.jetstream.quic;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeAddress;
import rs.jetstream.ffi.NativeConnection;
import rs.jetstream.ffi.NativeStatus;
import rs.jetstream.ffi.NativeStream;
import rs.jetstream.ffi.NativeTls;
import rs.jetstream.ffi.WakeSlot;
import rs.jetstream.ffi.Wakeable;
import rs.jetstream.quic.JetStreamException.Kind;

/**
 * One secured connection to a peer, with any number of streams.
 *
 * <h2>Lifecycle</h2>
 *
 * From {@link QuicClient#connect} or {@link QuicServer#accept}, until {@link #close()}. When the
 * peer closes it, or nothing is heard for the idle timeout, calls fail with the reason, and it is
 * still to be closed here. Closing it closes its streams.
 *
 * <h2>Threads</h2>
 *
 * Any thread, any number of them. Opening and accepting serve their callers in order.
 *
 * <h2>Common issues</h2>
 *
 * <ul>
 *   <li>Opening waits: the peer lets no more streams be open at once; close streams, or raise its
 *       limit.
 *   <li>The connection ends after some quiet: {@link #keepAlive(boolean)}, or a longer idle timeout
 *       on both sides.
 * </ul>
 */
public final class QuicConnection implements AutoCloseable {
  private static final VarHandle REASON;

  static {
    try {
      REASON =
          MethodHandles.lookup()
              .findVarHandle(QuicConnection.class, "reason", JetStreamException.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final QuicEndpoint endpoint;
  private final long handle;
  private final WakeSlot slot;
  private final Turns turns;
  private final boolean client;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Set<AbstractStream> streams = ConcurrentHashMap.newKeySet();

  /** Where streams were opened or accepted; empty but for debugging. */
  private final Map<AbstractStream, LeakReports.Opened> openedAt = new ConcurrentHashMap<>(0);

  private final LeakReports.@Nullable Opened opened = LeakReports.here("a connection");
  private volatile Kept keptAlive = Kept.NOT;
  private volatile @Nullable TlsInfo tls;
  private volatile @Nullable List<X509Certificate> peerCertificates;

  @SuppressWarnings("UnusedVariable") // by REASON
  private volatile @Nullable JetStreamException reason;

  private final AtomicReference<@Nullable CompletableFuture<JetStreamException>> ended =
      new AtomicReference<>();

  /** Who waits for what; made before there is a connection, so that the native half can wake. */
  static final class Turns implements Wakeable {
    private static final int KINDS = 2;

    private final Turn[] accept = {new Turn(), new Turn()};
    private final Turn[] open = {new Turn(), new Turn()};

    /** For the attempt to connect. */
    final Waiter connect = new Waiter();

    private final Turn ping = new Turn();
    private final Turn datagram = new Turn();

    /** Run when the connection ends, off the upcall; null while nobody asked for it. */
    private volatile @Nullable Runnable onEnd;

    @Override
    public void wake(int operation) {
      switch (operation) {
        case NativeConnection.WAKE_ACCEPT, NativeConnection.WAKE_ACCEPT + 1 ->
            accept[operation - NativeConnection.WAKE_ACCEPT].waiter.wake();
        case NativeConnection.WAKE_OPEN, NativeConnection.WAKE_OPEN + 1 ->
            open[operation - NativeConnection.WAKE_OPEN].waiter.wake();
        case NativeConnection.WAKE_CONNECT -> connect.wake();
        case NativeConnection.WAKE_PING -> ping.waiter.wake();
        case NativeConnection.WAKE_DATAGRAM -> datagram.waiter.wake();
        default -> {
          wakeAll();
          Runnable task = onEnd;
          if (task != null) {
            Deadlines.run(task);
          }
        }
      }
    }

    void wakeAll() {
      for (int kind = 0; kind < KINDS; kind++) {
        accept[kind].waiter.wake();
        open[kind].waiter.wake();
      }
      connect.wake();
      ping.waiter.wake();
      datagram.waiter.wake();
    }
  }

  QuicConnection(QuicEndpoint endpoint, long handle, WakeSlot slot, Turns turns, boolean client) {
    this.endpoint = endpoint;
    this.handle = handle;
    this.slot = slot;
    this.turns = turns;
    this.client = client;
  }

  /** Whether this side began it. */
  public boolean isClient() {
    return client;
  }

  QuicSettings settings() {
    return endpoint.settings();
  }

  // Streams.

  /**
   * Opens a bidirectional stream, waiting while the peer lets no more be open.
   *
   * <p>The peer learns of it with the first bytes.
   *
   * @throws ConnectionException when the connection ended
   * @throws IllegalStateException when it is closed on this side
   */
  public BidirectionalStream openBidirectional() throws IOException {
    return openBidirectional(null);
  }

  /** As {@link #openBidirectional()}, waiting at most {@code timeout}; null is for ever. */
  public BidirectionalStream openBidirectional(@Nullable Duration timeout) throws IOException {
    return open(
        NativeConnection.BIDIRECTIONAL, BidirectionalStreamImpl::new, EMPTY, false, timeout);
  }

  /**
   * Opens a bidirectional stream and sends all of {@code message} as all that this side sends, in
   * one step where there is room: the shortest way for a call.
   */
  public BidirectionalStream openBidirectionalAndFinish(MemorySegment message) throws IOException {
    return open(NativeConnection.BIDIRECTIONAL, BidirectionalStreamImpl::new, message, true, null);
  }

  /** Opens a stream that only this side sends on. As {@link #openBidirectional()}. */
  public SendStream openUnidirectional() throws IOException {
    return openUnidirectional(null);
  }

  /** As {@link #openUnidirectional()}, waiting at most {@code timeout}; null is for ever. */
  public SendStream openUnidirectional(@Nullable Duration timeout) throws IOException {
    return open(NativeConnection.UNIDIRECTIONAL, SendStreamImpl::new, EMPTY, false, timeout);
  }

  /**
   * Takes the next bidirectional stream that the peer opened, waiting for one.
   *
   * @throws ConnectionException when the connection ended
   * @throws IllegalStateException when it is closed on this side
   */
  public BidirectionalStream acceptBidirectional() throws IOException {
    return acceptBidirectional(null);
  }

  /** As {@link #acceptBidirectional()}, waiting at most {@code timeout}; null is for ever. */
  public BidirectionalStream acceptBidirectional(@Nullable Duration timeout) throws IOException {
    return accept(NativeConnection.BIDIRECTIONAL, BidirectionalStreamImpl::new, timeout);
  }

  /**
   * Takes the next unidirectional stream that the peer opened. As {@link #acceptBidirectional()}.
   */
  public ReceiveStream acceptUnidirectional() throws IOException {
    return acceptUnidirectional(null);
  }

  /** As {@link #acceptUnidirectional()}, waiting at most {@code timeout}; null is for ever. */
  public ReceiveStream acceptUnidirectional(@Nullable Duration timeout) throws IOException {
    return accept(NativeConnection.UNIDIRECTIONAL, ReceiveStreamImpl::new, timeout);
  }

  /** As {@link #openBidirectional()}, in a future. Cancelling it gives the opening up. */
  public CompletableFuture<AsyncStream> openBidirectionalAsync() {
    return Futures.of(() -> AsyncStream.of(openBidirectional()));
  }

  /** As {@link #openUnidirectional()}, in a future. Cancelling it gives the opening up. */
  public CompletableFuture<AsyncStream> openUnidirectionalAsync() {
    return Futures.of(() -> AsyncStream.of(openUnidirectional()));
  }

  /** As {@link #acceptBidirectional()}, in a future. Cancelling it leaves the stream to others. */
  public CompletableFuture<AsyncStream> acceptBidirectionalAsync() {
    return Futures.of(() -> AsyncStream.of(acceptBidirectional()));
  }

  /** As {@link #acceptUnidirectional()}, in a future. Cancelling it leaves the stream to others. */
  public CompletableFuture<AsyncStream> acceptUnidirectionalAsync() {
    return Futures.of(() -> AsyncStream.of(acceptUnidirectional()));
  }

  private static final MemorySegment EMPTY = MemorySegment.NULL;

  private <S extends AbstractStream> S open(
      int kind,
      Function<QuicConnection, S> make,
      MemorySegment request,
      boolean finish,
      @Nullable Duration timeout)
      throws IOException {
    // Bytes that the native half cannot see, or that are more than it takes at once, are sent after
    // the opening.
    boolean atOnce = finish && request.isNative();
    MemorySegment first = atOnce ? request : EMPTY;
    int flags = atOnce ? NativeStream.FINISH : 0;
    String doing = "open a stream";
    Block block = Block.take();
    try {
      S stream =
          poll(
              turns.open[kind],
              doing,
              timeout,
              make,
              token -> NativeConnection.pollOpen(handle, kind, token, first, flags, block),
              block);
      long accepted = block.long2();
      if (finish && (!atOnce || accepted < request.byteSize())) {
        boolean sent = false;
        try {
          stream.sendAndFinish(request.asSlice(accepted));
          sent = true;
        } finally {
          if (!sent) {
            stream.close();
          }
        }
      }
      return stream;
    } finally {
      block.give();
    }
  }

  private <S extends AbstractStream> S accept(
      int kind, Function<QuicConnection, S> make, @Nullable Duration timeout) throws IOException {
    Block block = Block.take();
    try {
      return poll(
          turns.accept[kind],
          "accept a stream",
          timeout,
          make,
          token -> NativeConnection.pollAccept(handle, kind, token, block),
          block);
    } finally {
      block.give();
    }
  }

  private interface Poll {
    int poll(long token);
  }

  private <S extends AbstractStream> S poll(
      Turn turn,
      String doing,
      @Nullable Duration timeout,
      Function<QuicConnection, S> make,
      Poll poll,
      Block block)
      throws IOException {
    requireOpen(doing);
    long deadline = Waiter.deadlineAfter(timeout);
    if (!turn.enter(deadline, doing)) {
      throw late(doing, timeout);
    }
    try {
      S stream = make.apply(this);
      boolean made = false;
      try {
        while (true) {
          turn.waiter.arm();
          int status = poll.poll(stream.token());
          if (status == NativeStatus.OK) {
            stream.attach(block.long0(), block.long1());
            made = true;
            remember(stream);
            return stream;
          }
          if (status != NativeStatus.PENDING) {
            throw failure(doing, status, block);
          }
          await(turn.waiter, deadline, doing, timeout);
        }
      } finally {
        if (!made) {
          stream.discard();
        }
      }
    } finally {
      turn.leave();
    }
  }

  private void await(Waiter waiter, long deadline, String doing, @Nullable Duration timeout)
      throws IOException {
    boolean inTime;
    try {
      inTime = waiter.await(deadline);
    } catch (InterruptedIOException e) {
      throw new InterruptedIOException(doing + " was interrupted");
    }
    if (!inTime) {
      throw late(doing, timeout);
    }
  }

  private static StreamException late(String doing, @Nullable Duration timeout) {
    return new StreamException(doing + " failed: not done in " + timeout, Kind.DEADLINE);
  }

  private void remember(AbstractStream stream) {
    streams.add(stream);
    LeakReports.Opened place = LeakReports.here("a stream");
    if (place != null) {
      openedAt.put(stream, place);
    }
    if (closed.get()) {
      // close() may have walked the set before: a stream that comes after is closed by whoever
      // brings it.
      stream.close();
    }
  }

  void forget(AbstractStream stream) {
    streams.remove(stream);
    if (!openedAt.isEmpty()) {
      var _ = openedAt.remove(stream);
    }
  }

  // The peer.

  /** This side's address; the wildcard where the system does not tell. */
  public InetSocketAddress localAddress() throws IOException {
    return addresses()[0].address();
  }

  /** The peer's address as it is now: it can change (RFC 9000 section 9). */
  public InetSocketAddress peerAddress() throws IOException {
    return addresses()[1].address();
  }

  private NativeAddress[] addresses() throws IOException {
    NativeAddress[] out = new NativeAddress[2];
    call("read the addresses", block -> NativeConnection.addresses(handle, out, block));
    return out;
  }

  /**
   * What the TLS handshake agreed on. After the first call it is there when the connection has
   * ended, too.
   */
  public TlsInfo tls() throws IOException {
    TlsInfo known = tls;
    if (known == null) {
      NativeTls[] out = new NativeTls[1];
      call("read the handshake's results", block -> NativeConnection.tls(handle, out, block));
      NativeTls it = out[0];
      tls =
          known =
              new TlsInfo(
                  it.quicVersion(),
                  it.cipherSuite(),
                  it.keyExchangeGroup(),
                  it.postQuantum(),
                  Failures.printable(it.applicationProtocol()),
                  it.signatureScheme(),
                  Failures.printable(it.serverName()));
    }
    return known;
  }

  /**
   * The peer's certificates as a verified chain, leaf first and up to the trusted root, which the
   * peer need not have sent; empty where it showed none. After the first call they are there when
   * the connection has ended, too.
   */
  public List<X509Certificate> peerCertificates() throws IOException {
    List<X509Certificate> known = peerCertificates;
    if (known == null) {
      byte[][] out = new byte[1][];
      call("read the peer's certificates", block -> NativeConnection.peerChain(handle, out, block));
      peerCertificates = known = Certificates.parseDer(out[0]);
    }
    return known;
  }

  /**
   * Who the peer is, by its verified certificate; empty where it showed none. After the first call
   * it is there when the connection has ended, too.
   */
  public Optional<PeerIdentity> peerIdentity() throws IOException {
    List<X509Certificate> chain = peerCertificates();
    return chain.isEmpty() ? Optional.empty() : Optional.of(PeerIdentity.of(chain));
  }

  /**
   * The key that {@code exporter}, one of those that the endpoint was opened with, derived from the
   * connection's TLS session.
   *
   * @throws IllegalArgumentException when the endpoint was not opened with it
   */
  public byte[] exportedKey(TlsExporter exporter) throws IOException {
    List<TlsExporter> all = endpoint.tlsOptions().exporters();
    int index = all.indexOf(exporter);
    if (index < 0) {
      throw new IllegalArgumentException(
          "exporter '" + exporter.label() + "' is not one that the endpoint was opened with");
    }
    byte[][] out = new byte[1][];
    call("export a key", block -> NativeConnection.exported(handle, index, out, block));
    return out[0];
  }

  /** Numbers of this moment. */
  public ConnectionStatistics statistics() throws IOException {
    NativeConnection.Stats[] out = new NativeConnection.Stats[1];
    call("read statistics", block -> NativeConnection.stats(handle, out, block));
    NativeConnection.Stats it = out[0];
    return new ConnectionStatistics(
        it.connection(),
        Duration.ofNanos(it.handshake()),
        Duration.ofNanos(it.latestRtt()),
        Duration.ofNanos(it.smoothedRtt()),
        Duration.ofNanos(it.minRtt()),
        Duration.ofNanos(it.rttVariance()),
        it.congestionWindow(),
        it.bytesInFlight(),
        it.congestionEvents(),
        (int) it.mtu(),
        it.ecn() == 2,
        it.datagramsSent(),
        it.datagramsReceived(),
        it.bytesSent(),
        it.bytesReceived(),
        it.packetsSent(),
        it.packetsReceived(),
        it.packetsLost(),
        it.bytesLost(),
        it.streamBytesSent(),
        it.streamBytesReceived(),
        it.sendBuffered(),
        it.pathChanges());
  }

  /**
   * Sends a PING and waits until the peer has acknowledged something that was sent after this call
   * began: it is alive.
   *
   * @param timeout how long it may take; null is for ever
   * @return the last measured round trip
   * @throws ConnectionException when the connection ended, or of kind DEADLINE
   */
  public Duration ping(@Nullable Duration timeout) throws IOException {
    String doing = "ping";
    requireOpen(doing);
    long deadline = Waiter.deadlineAfter(timeout);
    Turn turn = turns.ping;
    if (!turn.enter(deadline, doing)) {
      throw new ConnectionException(doing + " failed: not done in " + timeout, Kind.DEADLINE);
    }
    Block block = Block.take();
    try {
      int status = NativeConnection.ping(handle, block);
      if (status != NativeStatus.OK) {
        throw failure(doing, status, block);
      }
      long packet = block.long0();
      while (true) {
        turn.waiter.arm();
        status = NativeConnection.pollPing(handle, packet, block);
        if (status == NativeStatus.OK) {
          return statistics().latestRtt();
        }
        if (status != NativeStatus.PENDING) {
          throw failure(doing, status, block);
        }
        boolean inTime;
        try {
          inTime = turn.waiter.await(deadline);
        } catch (InterruptedIOException e) {
          throw new InterruptedIOException(doing + " was interrupted");
        }
        if (!inTime) {
          throw new ConnectionException(doing + " failed: not done in " + timeout, Kind.DEADLINE);
        }
      }
    } finally {
      block.give();
      turn.leave();
    }
  }

  /** The connection's datagrams. */
  @Experimental
  public Datagrams datagrams() {
    return new Datagrams(this);
  }

  boolean sendDatagram(MemorySegment data) throws IOException {
    String doing = "send a datagram";
    requireOpen(doing);
    NativeBuffer buffer = data.isNative() ? null : NativeBuffer.take();
    Block block = Block.take();
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
      int status = NativeConnection.sendDatagram(handle, copy, block);
      if (status != NativeStatus.OK) {
        throw failure(doing, status, block);
      }
      return block.flag1();
    } finally {
      block.give();
      if (buffer != null) {
        buffer.give();
      }
    }
  }

  long receiveDatagram(MemorySegment target, @Nullable Duration timeout) throws IOException {
    String doing = "receive a datagram";
    requireOpen(doing);
    long deadline = Waiter.deadlineAfter(timeout);
    Turn turn = turns.datagram;
    if (!turn.enter(deadline, doing)) {
      throw late(doing, timeout);
    }
    Block block = Block.take();
    try {
      while (true) {
        turn.waiter.arm();
        int status = NativeConnection.pollReceiveDatagram(handle, target, block);
        if (status == NativeStatus.OK) {
          return block.long0();
        }
        if (status != NativeStatus.PENDING) {
          throw failure(doing, status, block);
        }
        await(turn.waiter, deadline, doing, timeout);
      }
    } finally {
      block.give();
      turn.leave();
    }
  }

  Datagrams.Statistics datagramStatistics() throws IOException {
    NativeConnection.DatagramStats[] out = new NativeConnection.DatagramStats[1];
    call(
        "read statistics of datagrams",
        block -> NativeConnection.datagramStats(handle, out, block));
    NativeConnection.DatagramStats it = out[0];
    return new Datagrams.Statistics(
        it.largest(), it.sent(), it.received(), it.droppedSending(), it.droppedReceiving());
  }

  /**
   * Switches keep-alive packets on or off, {@link QuicSettings#keepAlivePeriod()} apart, from now
   * on, whatever {@link QuicSettings#keepAlive()} says.
   */
  public void keepAlive(boolean enabled) throws IOException {
    keptAlive = Kept.BY_CALLER;
    call("switch keep-alive", block -> NativeConnection.keepAlive(handle, enabled, block));
  }

  private enum Kept {
    NOT,
    WHILE_WAITING,
    BY_CALLER
  }

  /** As its endpoint's settings have it, from the first moment. */
  void begin(KeepAlive mode) {
    if (mode == KeepAlive.ALWAYS) {
      keepAliveIfOpen(true);
      keptAlive = Kept.BY_CALLER;
    }
  }

  /** Switches keep-alive on when a call waits on a stream, and off when none does any more. */
  void keepAliveWhileWaiting() {
    Kept now = keptAlive;
    if (now == Kept.BY_CALLER) {
      return;
    }
    boolean waits = streams.stream().anyMatch(AbstractStream::isWaiting);
    if (waits != (now == Kept.WHILE_WAITING)) {
      keptAlive = waits ? Kept.WHILE_WAITING : Kept.NOT;
      keepAliveIfOpen(waits);
    }
  }

  private void keepAliveIfOpen(boolean enabled) {
    Block block = Block.take();
    try {
      // Fails only when the connection has ended, which whoever waits is told.
      int ignored = NativeConnection.keepAlive(handle, enabled, block);
    } finally {
      block.give();
    }
  }

  private interface Call {
    int call(Block block);
  }

  private void call(String doing, Call call) throws IOException {
    requireOpen(doing);
    Block block = Block.take();
    try {
      int status = call.call(block);
      if (status != NativeStatus.OK) {
        throw failure(doing, status, block);
      }
    } finally {
      block.give();
    }
  }

  // The end.

  /**
   * Why the connection ended; empty while it lives. {@link JetStreamException#kind()} tells which
   * timeout it was, or that it was closed, and {@link JetStreamException#initiator()} by which
   * side. The first reason stays.
   */
  public Optional<JetStreamException> closeReason() {
    JetStreamException known = reason;
    if (known != null) {
      return Optional.of(known);
    }
    Block block = Block.take();
    try {
      int status = NativeConnection.pollClosed(handle, block);
      if (status == NativeStatus.PENDING) {
        return Optional.empty();
      }
      return Optional.of(
          remember(
              endedLocally(status)
                  ? closedHere(0)
                  : Failures.of("connection", block.failure(status))));
    } finally {
      block.give();
    }
  }

  private JetStreamException remember(JetStreamException why) {
    JetStreamException first = (JetStreamException) REASON.compareAndExchange(this, null, why);
    return first == null ? why : first;
  }

  private ConnectionException closedHere(long code) {
    String by = closed.get() ? "connection" : "endpoint";
    return new ConnectionException(
        "connection ended: " + by + " closed by this side with application error " + code,
        Kind.CLOSED_LOCALLY,
        code,
        Initiator.LOCAL);
  }

  /**
   * Completed when the connection has ended, with the reason as {@link #closeReason()} tells it;
   * never exceptionally. What depends on it runs on a virtual thread, and may use everything.
   */
  public CompletableFuture<JetStreamException> onClose() {
    CompletableFuture<JetStreamException> known = ended.get();
    if (known != null) {
      return known.copy();
    }
    CompletableFuture<JetStreamException> fresh = new CompletableFuture<>();
    if (!ended.compareAndSet(null, fresh)) {
      return onClose();
    }
    turns.onEnd = () -> Thread.startVirtualThread(this::completeEnd);
    // Arms the wake-up, or finds that it is too late for one.
    completeEnd();
    return fresh.copy();
  }

  private void completeEnd() {
    CompletableFuture<JetStreamException> future = ended.get();
    if (future != null && !future.isDone()) {
      closeReason().ifPresent(why -> Thread.startVirtualThread(() -> future.complete(why)));
    }
  }

  /** Whether it was closed on this side. */
  public boolean isClosed() {
    return closed.get();
  }

  /** Closes with code 0. As {@link #close(long)}. */
  @Override
  public void close() {
    close(0);
  }

  /**
   * Closes the connection and its streams, and tells the peer {@code code}, below 2^62. What is not
   * acknowledged yet may be lost: {@link SendStream#flush()} first. Calls under way end with kind
   * CLOSED_LOCALLY. Idempotent; never blocks.
   */
  public void close(long code) {
    if (code < 0 || code >>> 62 != 0) {
      throw new IllegalArgumentException("code is " + code + ", must be from 0 to 2^62-1");
    }
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    endpoint.forget(this);
    if (closeReason().isEmpty()) {
      JetStreamException ignored = remember(closedHere(code));
    }
    Block block = Block.take();
    try {
      // Fails only when the endpoint has closed it already.
      int ignored = NativeConnection.close(handle, code, block);
    } finally {
      block.give();
    }
    openedAt.forEach((stream, place) ->
        LeakReports.leftOpen("stream " + stream.id(), "its connection was closed", place));
    // The streams first end by the connection's close, so that no reset is sent for each of them.
    streams.forEach(AbstractStream::close);
    NativeConnection.free(handle);
    turns.wakeAll();
    completeEnd();
    slot.release();
  }

  /** Its endpoint closes it. */
  void closeByEndpoint(long code) {
    if (!closed.get()) {
      LeakReports.leftOpen("a connection", "its endpoint was closed", opened);
    }
    close(code);
  }

  /** Streams that are open. */
  int openStreams() {
    return streams.size();
  }

  /** All who wait look again: the endpoint has died. */
  void wakeAll() {
    turns.wakeAll();
    streams.forEach(AbstractStream::wakeAll);
    completeEnd();
  }

  private void requireOpen(String doing) {
    if (closed.get()) {
      throw new IllegalStateException(doing + ": the connection is closed");
    }
  }

  /**
   * Whether a call ended because this side closed something. An endpoint closes its connections
   * natively before each knows of it here.
   */
  boolean endedLocally(int status) {
    return status == NativeStatus.CLOSED
        || (status == NativeStatus.CONNECTION_ENDPOINT_CLOSING && endpoint.isClosed());
  }

  private IOException failure(String doing, int status, Block block) {
    if (endedLocally(status)) {
      String what = closed.get() ? "connection" : "endpoint";
      return new ConnectionException(
          doing + " failed: " + what + " closed by this side", Kind.CLOSED_LOCALLY);
    }
    Failures.rejectArgument(doing, status, block.failure(status));
    return Failures.of(doing, block.failure(status));
  }

  @Override
  public String toString() {
    return "QuicConnection["
        + (client ? "client" : "server")
        + (isClosed() ? ", closed" : "")
        + "]";
  }
}
