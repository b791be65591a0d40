package rs.jetstream.rpc;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.Experimental;
import rs.jetstream.quic.FrameReader;
import rs.jetstream.quic.QuicClient;

/**
 * Calls the services of one server, over connections and lanes that it opens when they are needed.
 *
 * {@snippet :
 * try (JetStreamClient client =
 *     JetStreamClient.builder()
 *         .quic(QuicClient.builder().identity(identity).trust(servers))
 *         .address("echo.example", 4433)
 *         .open()) {
 *   Echo echo = client.service(Echo.class);
 *   System.out.println(echo.echo("hello"));
 * }
 * }
 *
 * <p>Calls of all threads share the lanes of their service, many at once on each. A call has a
 * deadline, always. When its lane or connection ends, it fails at once, and the next call opens
 * another; a method that is {@link Idempotent} is called again by itself.
 *
 * <h2>Lifecycle</h2>
 *
 * From {@link Builder#open()}, which binds a socket and connects to nobody, until {@link #close()},
 * which fails the calls under way. Make one per server, and keep it.
 *
 * <h2>Threads</h2>
 *
 * Any thread. A blocking call that is interrupted is given up; what it asked for may still happen.
 *
 * <h2>Common issues</h2>
 *
 * <ul>
 *   <li>VERSION_REFUSED: the server has no service of that name, or an older one.
 *   <li>DEADLINE on a lane that is busy: the server answers too slowly, or {@link
 *       Builder#maxCallsPerLane} is small.
 * </ul>
 */
public final class JetStreamClient implements AutoCloseable {
  private final ClientSettings settings;
  private final LaneOpener opener;
  private final ConcurrentHashMap<ServiceDescriptor, LanePool> pools = new ConcurrentHashMap<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile boolean closed;

  JetStreamClient(ClientSettings settings, LaneOpener opener) {
    this.settings = settings;
    this.opener = opener;
  }

  /** A builder. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The client of a service, blocking or asynchronous as its methods are.
   *
   * @param contract an interface that is a {@link JetStreamService}
   * @throws IllegalArgumentException when the generated client is not to be found
   */
  public <T> T service(Class<T> contract) {
    return service(contract, CallOptions.defaults());
  }

  /** As {@link #service(Class)}, with calls that are made in another way. */
  public <T> T service(Class<T> contract, CallOptions options) {
    return Generated.client(contract, caller(Generated.descriptor(contract), options));
  }

  /** What a generated client is made on: {@code new EchoClient(client.caller(...))}. */
  public Caller caller(ServiceDescriptor service) {
    return caller(service, CallOptions.defaults());
  }

  /** As {@link #caller(ServiceDescriptor)}, with calls that are made in another way. */
  public Caller caller(ServiceDescriptor service, CallOptions options) {
    LanePool pool = pools.computeIfAbsent(service, it -> new LanePool(settings, it, opener));
    if (closed) {
      pool.close();
      throw new IllegalStateException("the client is closed");
    }
    return new ServiceCaller(settings, service, pool, waiting, options);
  }

  /** Fails the calls under way, and closes connections and socket. Idempotent. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    pools.values().forEach(LanePool::close);
    opener.close();
  }

  /** Settings of a client; not for several threads. */
  public static final class Builder {
    private final List<Interceptor> interceptors = new ArrayList<>();
    private final List<RpcListener> listeners = new ArrayList<>();
    private final List<ClientConnections.Target> targets = new ArrayList<>();
    private QuicClient.@Nullable Builder quic;
    private @Nullable InProcessServer inProcess;
    private JetStreamServer.@Nullable Builder callbacks;
    private int connections = 1;
    private int lanesPerService = 1;
    private int maxFrame = FrameReader.DEFAULT_LIMIT;
    private int maxCallsPerLane = 256;
    private int maxWaitingCalls = 1 << 16;
    private int maxQueuedPerLane = 1 << 20;
    private int maxAttempts = 3;
    private Duration openTimeout = Duration.ofSeconds(10);
    private Duration frameTimeout = FrameReader.DEFAULT_FRAME_TIMEOUT;
    private Duration sendTimeout = Duration.ofSeconds(30);
    private boolean keepAlive = true;

    private Builder() {}

    /** What it connects with: identity, whose servers are believed, transport settings. */
    public Builder quic(QuicClient.Builder quic) {
      this.quic = Objects.requireNonNull(quic, "quic");
      return this;
    }

    /**
     * Adds an address of the server. They are tried in the order in which they were added, all that
     * a name stands for, from the one on that was reached last.
     *
     * @param host a DNS name or an IP address in text, which the server's certificate must name
     */
    public Builder address(String host, int port) {
      targets.add(
          new ClientConnections.Target(
              Objects.requireNonNull(host, "host"), Ranges.of("port", port, 1, 65_535)));
      return this;
    }

    /** Calls a server of the same process instead, without a socket. */
    public Builder inProcess(InProcessServer server) {
      inProcess = Objects.requireNonNull(server, "server");
      return this;
    }

    /** Adds what stands around every call. */
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
     * Serves the server: {@code JetStreamServer.builder().service(...)}, with its settings, answers
     * on the lanes that the server opens by {@link RpcContext#callbacks()}. Its {@code quic} is not
     * used. Default: nothing is served.
     */
    @Experimental
    public Builder callbacks(JetStreamServer.Builder services) {
      callbacks = Objects.requireNonNull(services, "services");
      return this;
    }

    /** Connections at once. Default 1. */
    public Builder connections(int connections) {
      this.connections = Ranges.of("connections", connections, 1, 1000);
      return this;
    }

    /**
     * Shared lanes of each service, spread over the connections. Default 1; with more, a large
     * message holds up fewer small ones.
     */
    public Builder lanesPerService(int lanes) {
      lanesPerService = Ranges.of("lanesPerService", lanes, 1, 1000);
      return this;
    }

    /**
     * Bytes of the largest frame that is taken or sent; 64 to 32 MiB + 64 KiB. Default 4 MiB. A
     * server may take less.
     */
    public Builder maxFrame(int bytes) {
      maxFrame = Ranges.of("maxFrame", bytes, ServerLane.MIN_FRAME, FrameReader.HARD_LIMIT);
      return this;
    }

    /** Calls under way at once on a lane; further ones wait. 1 to 65,534. Default 256. */
    public Builder maxCallsPerLane(int calls) {
      maxCallsPerLane = Ranges.of("maxCallsPerLane", calls, 1, 65_534);
      return this;
    }

    /** Asynchronous calls that wait for a lane; further ones fail. Default 65,536. */
    public Builder maxWaitingCalls(int calls) {
      maxWaitingCalls = Ranges.of("maxWaitingCalls", calls, 0, 1 << 24);
      return this;
    }

    /**
     * Bytes of requests that a lane holds for a server that does not read before callers have to
     * wait with more. Default 1 MiB.
     */
    public Builder maxQueuedPerLane(int bytes) {
      maxQueuedPerLane = Ranges.of("maxQueuedPerLane", bytes, 0, 1 << 30);
      return this;
    }

    /** How often an {@link Idempotent} method is called for one call, at most. Default 3. */
    public Builder maxAttempts(int attempts) {
      maxAttempts = Ranges.of("maxAttempts", attempts, 1, 100);
      return this;
    }

    /** Time to connect to one address, and to open a lane. Default 10 s each. */
    public Builder openTimeout(Duration timeout) {
      openTimeout = Ranges.of("openTimeout", timeout);
      return this;
    }

    /**
     * Time that a server has for a frame that it has begun, however it trickles; after it the lane
     * is ended. Default 30 s, which is 1.2 Mbit/s for a frame of 4 MiB.
     */
    public Builder frameTimeout(Duration timeout) {
      frameTimeout = Ranges.of("frameTimeout", timeout);
      return this;
    }

    /** Time after which a lane whose server takes no requests is ended. Default 30 s. */
    public Builder sendTimeout(Duration timeout) {
      sendTimeout = Ranges.of("sendTimeout", timeout);
      return this;
    }

    /** Whether quiet connections are kept alive. Default true. */
    public Builder keepAlive(boolean enabled) {
      keepAlive = enabled;
      return this;
    }

    /**
     * Binds the client. It connects with the first call.
     *
     * @throws IOException as {@link QuicClient.Builder#open()}
     * @throws IllegalStateException when there is nobody to call
     */
    public JetStreamClient open() throws IOException {
      ClientSettings settings =
          new ClientSettings(
              List.copyOf(interceptors),
              new RpcEvents(listeners, true),
              maxFrame,
              maxCallsPerLane,
              lanesPerService,
              maxWaitingCalls,
              maxAttempts,
              maxQueuedPerLane,
              openTimeout,
              sendTimeout);
      JetStreamServer.Builder callbacks = this.callbacks;
      ServerSettings serves = callbacks == null ? null : callbacks.settings();
      InProcessServer server = inProcess;
      if (server != null) {
        return new JetStreamClient(settings, server.opener(maxFrame, sendTimeout, serves));
      }
      QuicClient.Builder quic = this.quic;
      if (quic == null || targets.isEmpty()) {
        throw new IllegalStateException(
            "a client needs a socket and a server: set quic(...) and address(...), or"
                + " inProcess(...)");
      }
      return new JetStreamClient(
          settings,
          new ClientConnections(
              quic.open(),
              List.copyOf(targets),
              connections,
              maxFrame,
              openTimeout,
              frameTimeout,
              sendTimeout,
              keepAlive,
              serves));
    }
  }
}
