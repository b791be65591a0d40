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

  LaneOpener opener(int maxFrame, Duration sendTimeout) {
    return new LaneOpener() {
      private volatile boolean opens = true;

      @Override
      public LaneTransport open(int index) throws IOException {
        if (!opens || closed) {
          throw new RpcException(
              "open a lane failed: the " + (opens ? "server" : "client") + " is closed",
              opens ? Kind.CLOSED : Kind.CLOSED_LOCALLY);
        }
        return connect(maxFrame, sendTimeout);
      }

      @Override
      public void close() {
        opens = false;
      }
    };
  }

  private LaneTransport connect(int maxFrame, Duration sendTimeout) {
    MemoryLane.Pair pair =
        MemoryLane.pair(maxFrame, settings.maxFrame(), sendTimeout, settings.sendTimeout());
    Optional<PeerIdentity> identity = peer;
    ServerLane lane =
        new ServerLane(settings, pair.server(), new ServerLane.Origin(identity, null, null));
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
