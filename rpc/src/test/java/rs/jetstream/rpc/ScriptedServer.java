package rs.jetstream.rpc;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.QuicServer;

/**
 * A server whose every lane does what the test says, and then waits for the client's end. Public
 * for the tests of other modules.
 */
public final class ScriptedServer implements AutoCloseable {
  /** What a lane does; what it throws ends it. */
  public interface Script {
    void run(RawLane lane, QuicConnection connection) throws Exception;
  }

  public final QuicServer quic;
  public final AtomicInteger connections = new AtomicInteger();
  public final AtomicInteger lanes = new AtomicInteger();
  public final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final Script script;

  public ScriptedServer(QuicServer.Builder quic, Script script) throws IOException {
    this.script = script;
    this.quic = quic.open();
    Thread.startVirtualThread(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        QuicConnection connection = quic.accept();
        connections.incrementAndGet();
        Thread.startVirtualThread(() -> serve(connection));
      }
    } catch (IOException | IllegalStateException e) {
      // Closed at the end of the test.
    }
  }

  private void serve(QuicConnection connection) {
    try {
      while (true) {
        RawLane lane = new RawLane(connection.acceptBidirectional());
        lanes.incrementAndGet();
        Thread.startVirtualThread(() -> {
          try (lane) {
            script.run(lane, connection);
            // What was sent is reset when the lane closes before the client has it.
            for (byte[] frame = lane.next(); frame.length > 0; ) {
              frame = lane.next();
            }
          } catch (IOException | IllegalStateException e) {
            // The client has gone, or the script has closed the connection.
          } catch (Throwable e) {
            failures.add(e);
          }
        });
      }
    } catch (IOException | IllegalStateException e) {
      // The client has closed.
    }
  }

  @Override
  public void close() {
    quic.close();
  }
}
