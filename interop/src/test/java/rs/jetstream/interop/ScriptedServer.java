package rs.jetstream.interop;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import rs.jetstream.quic.JetStreamPeer;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.QuicServer;

/** A server that agrees on every version, does to requests what the test says, and then waits. */
final class ScriptedServer implements AutoCloseable {
  /** What is done about a request; whether the lane goes on. */
  interface Script {
    boolean answer(RawLane lane, QuicConnection connection, byte[] request) throws Exception;
  }

  final QuicServer quic;
  final AtomicInteger connections = new AtomicInteger();
  final AtomicInteger requests = new AtomicInteger();
  final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final Script script;

  ScriptedServer(Script script) throws IOException {
    this.script = script;
    quic = JetStreamPeer.javaServer().open();
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
        Thread.startVirtualThread(() -> serve(lane, connection));
      }
    } catch (IOException | IllegalStateException e) {
      // The client, or the script, has closed the connection.
    }
  }

  private void serve(RawLane lane, QuicConnection connection) {
    try (lane) {
      lane.agree();
      boolean goesOn = true;
      // What was sent is reset when the lane closes before the client has it.
      for (byte[] request; (request = lane.next()) != null; ) {
        if (goesOn) {
          requests.incrementAndGet();
          goesOn = script.answer(lane, connection, request);
        }
      }
    } catch (IOException | IllegalStateException e) {
      // The client has gone, or the script has closed the connection.
    } catch (Throwable e) {
      failures.add(e);
    }
  }

  @Override
  public void close() {
    quic.close();
  }
}
