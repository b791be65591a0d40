package rs.jetstream.quic;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeControl;
import rs.jetstream.ffi.NativeStatus;

/** A server's way out that lets streams finish. */
final class Shutdown {
  /** How often connections are looked at: streams end without telling anybody. */
  private static final Duration LOOK = Duration.ofMillis(5);

  private Shutdown() {}

  static ShutdownReport of(QuicServer server, Duration grace) throws IOException {
    long start = System.nanoTime();
    long deadline = Waiter.deadlineAfter(grace);
    String doing = "shut down";
    server.requireOpen(doing);
    drain(server, doing);
    Set<QuicConnection> seen = new HashSet<>();
    boolean done = false;
    try {
      Waiter waiter = new Waiter();
      while (!Waiter.passed(deadline) && !server.isClosed()) {
        seen.addAll(server.connections());
        for (QuicConnection connection : server.connections()) {
          if (connection.openStreams() == 0 || connection.closeReason().isPresent()) {
            connection.close();
          }
        }
        if (server.connections().isEmpty()) {
          break;
        }
        waiter.arm();
        boolean ignored = waiter.await(Math.min(deadline, System.nanoTime() + LOOK.toNanos()));
      }
      done = true;
    } catch (InterruptedIOException e) {
      throw new InterruptedIOException(doing + " was interrupted");
    } finally {
      if (!done) {
        server.close();
      }
    }
    int closed = 0;
    int streams = 0;
    for (QuicConnection connection : server.connections()) {
      seen.add(connection);
      closed++;
      streams += connection.openStreams();
    }
    long refused = server.isClosed() ? 0 : server.statistics().refused().draining();
    server.close();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    return new ShutdownReport(seen.size() - closed, closed, streams, refused, took);
  }

  private static void drain(QuicServer server, String doing) throws IOException {
    Block block = Block.take();
    try {
      int status = NativeControl.drain(server.handle(), block);
      if (status != NativeStatus.OK) {
        throw server.failure(doing, status, block);
      }
    } finally {
      block.give();
    }
  }
}
