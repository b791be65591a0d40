package rs.jetstream.rpc;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.FrameReader;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.QuicServer;

/**
 * Serves services over QUIC.
 *
 * {@snippet :
 * JetStreamServer server =
 *     JetStreamServer.builder()
 *         .quic(QuicServer.builder().identity(identity).trust(clients).port(4433))
 *         .service(new EchoImpl())
 *         .open();
 * }
 *
 * <p>Every stream that a client opens is a lane with its own handshake, which names the service.
 * Each call runs on a virtual thread of its own; answers go out in the order in which they are
 * ready.
 *
 * <h2>Lifecycle</h2>
 *
 * From {@link Builder#open()} to {@link #close()}, which answers what is under way by an error.
 *
 * <h2>Threads</h2>
 *
 * Any thread. Implementations of services are called by many at once.
 *
 * <h2>Common issues</h2>
 *
 * <ul>
 *   <li>Clients see "internal error": the log of {@code rs.jetstream.rpc} has the exception.
 *       Exceptions for clients are {@link RpcException}s.
 *   <li>A client is refused with "unknown": its version is of another major, or newer.
 * </ul>
 */
public final class JetStreamServer implements AutoCloseable {
  private final QuicServer quic;
  private final ServerSettings settings;
  private final Duration drainTimeout;
  private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private JetStreamServer(QuicServer quic, ServerSettings settings, Duration drainTimeout) {
    this.quic = quic;
    this.settings = settings;
    this.drainTimeout = drainTimeout;
  }

  /** A builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** Where it listens. */
  public InetSocketAddress localAddress() {
    return quic.localAddress();
  }

  /** What it runs on, for statistics and refused handshakes. */
  public QuicServer quic() {
    return quic;
  }

  private void accept() {
    while (!closed) {
      QuicConnection connection;
      try {
        connection = quic.accept();
      } catch (IOException | IllegalStateException e) {
        if (!closed) {
          System.getLogger("rs.jetstream.rpc")
              .log(System.Logger.Level.ERROR, "the server accepts no more connections", e);
        }
        return;
      }
      ServerConnection it = new ServerConnection(settings, connection, connections::remove);
      connections.add(it);
      if (closed) {
        it.close();
      }
      Thread.startVirtualThread(it);
    }
  }

  /**
   * Takes no more calls, answers those under way by an error, and waits for the answers to arrive,
   * but not longer than the drain timeout. Idempotent.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    connections.forEach(ServerConnection::close);
    long until = System.nanoTime() + drainTimeout.toNanos();
    while (!connections.stream().allMatch(ServerConnection::isIdle)
        && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(1_000_000);
    }
    quic.close();
  }

  @Override
  public String toString() {
    return "JetStreamServer[" + (closed ? "closed" : localAddress()) + "]";
  }

  /** Settings of a server; not for several threads. */
  public static final class Builder {
    private final Services services = new Services();
    private final List<Interceptor> interceptors = new ArrayList<>();
    private final List<RpcListener> listeners = new ArrayList<>();
    private QuicServer.@Nullable Builder quic;
    private int maxFrame = FrameReader.DEFAULT_LIMIT;
    private int maxCallsPerLane = 256;
    private int maxQueuedPerLane = 1 << 20;
    private Duration callTimeout = Duration.ofMinutes(1);
    private Duration handshakeTimeout = Duration.ofSeconds(10);
    private Duration frameTimeout = FrameReader.DEFAULT_FRAME_TIMEOUT;
    private Duration sendTimeout = Duration.ofSeconds(30);
    private Duration drainTimeout = Duration.ofSeconds(5);
    private boolean sendsBackTraces;
    private boolean requiresSameDigest;

    private Builder() {}

    /** What it listens on: address, identity, whose clients are let in, transport settings. */
    public Builder quic(QuicServer.Builder quic) {
      this.quic = Objects.requireNonNull(quic, "quic");
      return this;
    }

    /**
     * Adds what implements one or more services.
     *
     * @throws IllegalArgumentException when it implements none, or the generated dispatcher is not
     *     to be found
     */
    public Builder service(Object implementation) {
      if (implementation instanceof Dispatcher dispatcher) {
        return service(dispatcher);
      }
      Class<?> type = implementation.getClass();
      List<Class<?>> contracts = Generated.contracts(type);
      if (contracts.isEmpty()) {
        throw new IllegalArgumentException(
            type.getName() + " implements no interface that is a @JetStreamService");
      }
      for (Class<?> contract : contracts) {
        services.add(
            Generated.dispatcher(contract, implementation), Authorization.of(type, contract));
      }
      return this;
    }

    /** Adds a service; {@link RequirePeer} is not looked for. */
    public Builder service(Dispatcher dispatcher) {
      return service(dispatcher, Authorization.NONE);
    }

    Builder service(Dispatcher dispatcher, Authorization authorization) {
      services.add(dispatcher, authorization);
      return this;
    }

    /** Adds what stands around every handler. */
    public Builder interceptor(Interceptor interceptor) {
      interceptors.add(Objects.requireNonNull(interceptor, "interceptor"));
      return this;
    }

    /** Adds what hears of every call. */
    public Builder listener(RpcListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * Bytes of the largest frame that is taken or sent; 64 to 32 MiB + 64 KiB. Default 4 MiB. A
     * client may ask for less.
     */
    public Builder maxFrame(int bytes) {
      maxFrame = Ranges.of("maxFrame", bytes, ServerLane.MIN_FRAME, FrameReader.HARD_LIMIT);
      return this;
    }

    /** Calls under way at once on a lane; further ones wait with the client. Default 256. */
    public Builder maxCallsPerLane(int calls) {
      maxCallsPerLane = Ranges.of("maxCallsPerLane", calls, 1, 1 << 16);
      return this;
    }

    /**
     * Bytes of answers that a lane holds for a client that does not read before handlers have to
     * wait with more. Default 1 MiB.
     */
    public Builder maxQueuedPerLane(int bytes) {
      maxQueuedPerLane = Ranges.of("maxQueuedPerLane", bytes, 0, 1 << 30);
      return this;
    }

    /**
     * Time that a handler has for its answer. After it the call is answered by an error and the
     * handler's thread is interrupted; until the handler returns it counts as under way. Default 1
     * minute.
     */
    public Builder callTimeout(Duration timeout) {
      callTimeout = Ranges.of("callTimeout", timeout);
      return this;
    }

    /** Time that a client has for the first frame of a lane. Default 10 s. */
    public Builder handshakeTimeout(Duration timeout) {
      handshakeTimeout = Ranges.of("handshakeTimeout", timeout);
      return this;
    }

    /**
     * Time that a client has for a frame that it has begun, however it trickles; after it the lane
     * is ended. Default 30 s, which is 1.2 Mbit/s for a frame of 4 MiB.
     */
    public Builder frameTimeout(Duration timeout) {
      frameTimeout = Ranges.of("frameTimeout", timeout);
      return this;
    }

    /** Time after which a lane whose client takes no answers is ended. Default 30 s. */
    public Builder sendTimeout(Duration timeout) {
      sendTimeout = Ranges.of("sendTimeout", timeout);
      return this;
    }

    /** Time that closing waits for answers to arrive. Default 5 s. */
    public Builder drainTimeout(Duration timeout) {
      drainTimeout = Ranges.of("drainTimeout", timeout);
      return this;
    }

    /**
     * Whether callers see what went wrong in a handler, with class names and source lines, instead
     * of "internal error". For clients of one's own only. Default false.
     */
    public Builder dangerouslySendBackTraces(boolean enabled) {
      sendsBackTraces = enabled;
      return this;
    }

    /**
     * Whether a client's version must have the same digest, which says that both ends were made
     * from the same text. Default false.
     */
    public Builder requireSameDigest(boolean required) {
      requiresSameDigest = required;
      return this;
    }

    ServerSettings settings() {
      if (services.isEmpty()) {
        throw new IllegalStateException("a server needs a service: add service(...)");
      }
      return new ServerSettings(
          services.copy(),
          List.copyOf(interceptors),
          new RpcEvents(listeners, false),
          maxFrame,
          maxCallsPerLane,
          maxQueuedPerLane,
          callTimeout,
          handshakeTimeout,
          frameTimeout,
          sendTimeout,
          sendsBackTraces,
          requiresSameDigest);
    }

    /**
     * Binds the server and begins to serve.
     *
     * @throws IOException as {@link QuicServer.Builder#open()}
     * @throws IllegalStateException when quic or service is not set
     */
    public JetStreamServer open() throws IOException {
      QuicServer.Builder quic = this.quic;
      if (quic == null) {
        throw new IllegalStateException("a server needs a socket: set quic(...)");
      }
      ServerSettings settings = settings();
      JetStreamServer server = new JetStreamServer(quic.open(), settings, drainTimeout);
      Thread.ofVirtual().name("jetstream-accept").start(server::accept);
      return server;
    }

    /** Serves clients of the same process, without a socket: for tests. */
    public InProcessServer openInProcess() {
      return new InProcessServer(settings());
    }
  }
}
