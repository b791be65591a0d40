package rs.jetstream.rpc;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.QuicConnection;

/** One connection of a server: every stream that the client opens becomes a lane. */
final class ServerConnection implements Runnable {
  private final ServerSettings settings;
  private final QuicConnection connection;
  private final Consumer<ServerConnection> onEnd;
  private final Set<ServerLane> lanes = ConcurrentHashMap.newKeySet();
  private volatile boolean closing;

  ServerConnection(
      ServerSettings settings, QuicConnection connection, Consumer<ServerConnection> onEnd) {
    this.settings = settings;
    this.connection = connection;
    this.onEnd = onEnd;
  }

  @Override
  public void run() {
    try {
      ServerLane.Origin origin =
          new ServerLane.Origin(connection.peerIdentity(), connection.peerAddress(), connection);
      while (!closing) {
        accept(connection.acceptBidirectional(), origin);
      }
    } catch (IOException | IllegalStateException e) {
      // The connection has ended, by either side.
    } finally {
      if (!closing) {
        lanes.forEach(ServerLane::kill);
        connection.close();
      }
      onEnd.accept(this);
    }
  }

  private void accept(BidirectionalStream stream, ServerLane.Origin origin) {
    ServerLane lane =
        new ServerLane(
            settings,
            new QuicLane(
                stream, settings.maxFrame(), settings.frameTimeout(), settings.sendTimeout()),
            origin);
    lanes.add(lane);
    if (closing) {
      lane.close();
    }
    Thread.startVirtualThread(() -> {
      try {
        lane.run();
      } finally {
        lanes.remove(lane);
      }
    });
  }

  /** Takes no more lanes and calls, and answers what is under way by an error. */
  void close() {
    closing = true;
    lanes.forEach(ServerLane::close);
  }

  /** Whether no lane is left. */
  boolean isIdle() {
    return lanes.isEmpty();
  }
}
