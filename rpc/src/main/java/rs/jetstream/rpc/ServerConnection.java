package rs.jetstream.rpc;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.QuicConnection;

/**
 * One connection on the side that serves, which may be the client, too: every stream that the peer
 * opens becomes a lane.
 */
final class ServerConnection implements Runnable {
  private final ServerSettings settings;
  private final QuicConnection connection;
  private final Consumer<ServerConnection> onEnd;
  private final Set<ServerLane> lanes = ConcurrentHashMap.newKeySet();
  private final Callbacks callbacks;
  private volatile boolean closing;

  ServerConnection(
      ServerSettings settings, QuicConnection connection, Consumer<ServerConnection> onEnd) {
    this.settings = settings;
    this.connection = connection;
    this.onEnd = onEnd;
    callbacks = new Callbacks(settings, new Opener());
  }

  /** Lanes the other way. */
  private final class Opener implements LaneOpener {
    @Override
    public LaneTransport open(int index) throws IOException {
      return lane(connection.openBidirectional(settings.handshakeTimeout()));
    }

    @Override
    public void close() {}
  }

  private LaneTransport lane(BidirectionalStream stream) {
    return new QuicLane(
        stream, settings.maxFrame(), settings.frameTimeout(), settings.sendTimeout());
  }

  @Override
  public void run() {
    try {
      ServerLane.Origin origin =
          new ServerLane.Origin(
              connection.peerIdentity(), connection.peerAddress(), connection, callbacks);
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
      callbacks.close();
      onEnd.accept(this);
    }
  }

  private void accept(BidirectionalStream stream, ServerLane.Origin origin) {
    ServerLane lane = new ServerLane(settings, lane(stream), origin);
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
    callbacks.close();
    lanes.forEach(ServerLane::close);
  }

  /** Whether no lane is left. */
  boolean isIdle() {
    return lanes.isEmpty();
  }
}
