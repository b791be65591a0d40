package rs.jetstream.quic;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeAddress;
import rs.jetstream.ffi.NativeConnection;
import rs.jetstream.ffi.NativeStatus;
import rs.jetstream.ffi.NativeStream;
import rs.jetstream.ffi.WakeSlot;
import rs.jetstream.quic.JetStreamException.Kind;

/**
 * One secured connection to a peer, with any number of streams.
 *
 * <h2>Lifecycle</h2>
 *
 * From {@link QuicClient#connect} or {@link QuicServer#accept}, until {@link #close()}. When the
 * peer closes it, or nothing is heard for the idle timeout, calls fail with the reason, and it is
 * still to be closed here. Closing it closes its streams. What is dropped unclosed is not
 * collected: it goes with its endpoint.
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
  private final QuicEndpoint endpoint;
  private final long handle;
  private final WakeSlot slot;
  private final ConnectionTurns turns;
  private final boolean client;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final OpenStreams streams = new OpenStreams();
  private final LeakReports.@Nullable Opened opened = LeakReports.here("a connection");
  private final KeepAliver keepAliver = new KeepAliver(this);
  private final HandshakeFacts facts = new HandshakeFacts(this);
  private final ConnectionEnd end = new ConnectionEnd(this);

  QuicConnection(
      QuicEndpoint endpoint, long handle, WakeSlot slot, ConnectionTurns turns, boolean client) {
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

  long handle() {
    return handle;
  }

  ConnectionTurns turns() {
    return turns;
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
        pollUntilDone(
            turn.waiter, doing, timeout, deadline, block, it -> poll.poll(stream.token()));
        stream.attach(block.long0(), block.long1());
        made = true;
        remember(stream);
        return stream;
      } finally {
        if (!made) {
          stream.discard();
        }
      }
    } finally {
      turn.leave();
    }
  }

  private void pollUntilDone(
      Waiter waiter,
      String doing,
      @Nullable Duration timeout,
      long deadline,
      Block block,
      Call poll)
      throws IOException {
    while (true) {
      waiter.arm();
      int status = poll.call(block);
      if (status == NativeStatus.OK) {
        return;
      }
      if (status != NativeStatus.PENDING) {
        throw failure(doing, status, block);
      }
      await(waiter, deadline, doing, timeout);
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
    if (closed.get()) {
      // close() may have closed them before: a stream that comes after is closed by whoever
      // brings it.
      stream.close();
    }
  }

  void forget(AbstractStream stream) {
    streams.remove(stream);
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
    return facts.tls();
  }

  /**
   * The limits that the peer announced in its handshake. After the first call they are there when
   * the connection has ended, too.
   */
  public TransportParameters peerParameters() throws IOException {
    return facts.peerParameters();
  }

  /**
   * The peer's certificates as a verified chain, leaf first and up to the trusted root, which the
   * peer need not have sent; empty where it showed none. After the first call they are there when
   * the connection has ended, too.
   */
  public List<X509Certificate> peerCertificates() throws IOException {
    return facts.peerCertificates();
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
    return ConnectionStatistics.of(out[0]);
  }

  /**
   * Sends a PING and waits until the peer has acknowledged something that was sent after this call
   * began: it is alive.
   *
   * @param timeout how long it may take; null is for ever
   * @return the last measured round trip
   * @throws ConnectionException when the connection ended
   * @throws StreamException of kind DEADLINE, after {@code timeout}
   */
  public Duration ping(@Nullable Duration timeout) throws IOException {
    long[] packet = new long[1];
    call(
        "ping",
        block -> {
          int status = NativeConnection.ping(handle, block);
          packet[0] = block.long0();
          return status;
        });
    long ignored =
        pollInTurn(
            turns.ping,
            "ping",
            timeout,
            block -> NativeConnection.pollPing(handle, packet[0], block));
    return statistics().latestRtt();
  }

  /**
   * Polls with the turn of an operation until it is done; what it leaves as the block's first
   * output.
   */
  long pollInTurn(Turn turn, String doing, @Nullable Duration timeout, Call poll)
      throws IOException {
    requireOpen(doing);
    long deadline = Waiter.deadlineAfter(timeout);
    if (!turn.enter(deadline, doing)) {
      throw late(doing, timeout);
    }
    Block block = Block.take();
    try {
      pollUntilDone(turn.waiter, doing, timeout, deadline, block, poll);
      return block.long0();
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

  /** The connection's exchanges: small requests and answers on the endpoint's own thread. */
  @Experimental
  public Exchanges exchanges() {
    return new Exchanges(this);
  }

  QuicEndpoint endpoint() {
    return endpoint;
  }

  /**
   * Switches keep-alive packets on or off, {@link QuicSettings#keepAlivePeriod()} apart, from now
   * on, whatever {@link QuicSettings#keepAlive()} says.
   */
  public void keepAlive(boolean enabled) throws IOException {
    keepAliver.isCallers();
    call("switch keep-alive", block -> NativeConnection.keepAlive(handle, enabled, block));
  }

  /** As its endpoint's settings have it, from the first moment. */
  void begin(KeepAlive mode) {
    keepAliver.begin(mode);
  }

  /** Looks whether a call waits on a stream. */
  void keepAliveWhileWaiting() {
    keepAliver.look(streams.all());
  }

  interface Call {
    int call(Block block);
  }

  void call(String doing, Call call) throws IOException {
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
    return end.reason();
  }

  /**
   * Completed when the connection has ended, with the reason as {@link #closeReason()} tells it;
   * never exceptionally. What depends on it runs on a virtual thread, and may use everything.
   */
  public CompletableFuture<JetStreamException> onClose() {
    return end.future();
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
    end.closedHere(code);
    Block block = Block.take();
    try {
      // Fails only when the endpoint has closed it already.
      int ignored = NativeConnection.close(handle, code, block);
    } finally {
      block.give();
    }
    // The streams first end by the connection's close, so that no reset is sent for each of them.
    streams.closeAll();
    NativeConnection.free(handle);
    turns.wakeAll();
    end.complete();
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
    return streams.all().size();
  }

  /** All who wait look again: the endpoint has died. */
  void wakeAll() {
    turns.wakeAll();
    streams.all().forEach(AbstractStream::wakeAll);
    end.complete();
  }

  void requireOpen(String doing) {
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

  IOException failure(String doing, int status, Block block) {
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
