package rs.jetstream.rpc;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.PeerIdentity;

/**
 * Serves services to clients of the same process, without sockets and certificates: for tests.
 *
 * {@snippet :
 * try (InProcessServer server = JetStreamServer.builder().service(new EchoImpl()).openInProcess();
 *     JetStreamClient client = JetStreamClient.builder().inProcess(server).open()) {
 *   assertEquals("hello", client.service(Echo.class).echo("hello"));
 * }
 * }
 *
 * <p>Everything but the transport is what it is over QUIC: handshakes, frames, limits, deadlines.
 * Clients have no certificate unless {@link #actAs} says so. Any thread.
 */
public final class InProcessServer implements AutoCloseable {
  private final ServerSettings settings;
  private final Set<ServerLane> lanes = ConcurrentHashMap.newKeySet();
  private volatile Optional<PeerIdentity> peer = Optional.empty();
  private volatile boolean closed;

  InProcessServer(ServerSettings settings) {
    this.settings = settings;
  }

  /** Lets clients seem to have a certificate, for lanes that are opened from now on. */
  public void actAs(@Nullable PeerIdentity identity) {
    peer = Optional.ofNullable(identity);
  }

  /** Lanes of one client, which serves {@code serves} the other way. */
  LaneOpener opener(int maxFrame, Duration sendTimeout, @Nullable ServerSettings serves) {
    Callbacks callbacks = new Callbacks(settings, back(serves));
    return new LaneOpener() {
      private volatile boolean opens = true;

      @Override
      public LaneTransport open(int index) throws IOException {
        if (!opens || closed) {
          throw new RpcException(
              "open a lane failed: the " + (opens ? "server" : "client") + " is closed",
              opens ? Kind.CLOSED : Kind.CLOSED_LOCALLY);
        }
        return connect(maxFrame, sendTimeout, settings, peer, callbacks);
      }

      @Override
      public void close() {
        opens = false;
        callbacks.close();
      }
    };
  }

  /** Lanes to the client. */
  private LaneOpener back(@Nullable ServerSettings serves) {
    return new LaneOpener() {
      @Override
      public LaneTransport open(int index) throws IOException {
        if (serves == null) {
          throw RpcException.refused("open a lane failed: the client serves nothing", null);
        }
        // Whom the client serves has no certificate here, and is called back by its own calls.
        return connect(
            settings.maxFrame(),
            settings.sendTimeout(),
            serves,
            Optional.empty(),
            new Callbacks(serves, back(null)));
      }

      @Override
      public void close() {}
    };
  }

  private LaneTransport connect(
      int maxFrame,
      Duration sendTimeout,
      ServerSettings serves,
      Optional<PeerIdentity> identity,
      Callbacks callbacks) {
    MemoryLane.Pair pair =
        MemoryLane.pair(maxFrame, serves.maxFrame(), sendTimeout, serves.sendTimeout());
    ServerLane lane =
        new ServerLane(
            serves, pair.server(), new ServerLane.Origin(identity, null, null, callbacks));
    lanes.add(lane);
    Thread.startVirtualThread(() -> {
      try {
        lane.run();
      } finally {
        lanes.remove(lane);
      }
    });
    if (closed) {
      lane.close();
    }
    return pair.client();
  }

  /** Takes no more calls, and answers those under way by an error. Idempotent. */
  @Override
  public void close() {
    closed = true;
    lanes.forEach(ServerLane::close);
  }
}
