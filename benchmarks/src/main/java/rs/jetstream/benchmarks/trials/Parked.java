package rs.jetstream.benchmarks.trials;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.JetStreamException;
import rs.jetstream.quic.QuicConnection;

/** Virtual threads that wait in receives. */
final class Parked {
  /** Things that are opened at once. */
  private static final int AT_ONCE = 32;

  private final List<Thread> threads = new ArrayList<>();
  private final List<QuicConnection> connections = new ArrayList<>();

  /** Makes them, and returns when each has had its first answer and waits for more. */
  void begin(int count, List<QuicConnection> over) throws Exception {
    connections.addAll(over);
    CountDownLatch answered = new CountDownLatch(count);
    AtomicReference<Exception> failure = new AtomicReference<>();
    for (int i = 0; i < count; i++) {
      QuicConnection connection = connections.get(i % connections.size());
      threads.add(Thread.ofVirtual().start(() -> waitOn(connection, answered, failure)));
    }
    answered.await();
    Exception failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  private static void waitOn(
      QuicConnection connection, CountDownLatch answered, AtomicReference<Exception> failure) {
    boolean begun = false;
    try (BidirectionalStream stream = connection.openBidirectional()) {
      Call.begin(stream);
      begun = true;
      answered.countDown();
      int count = stream.receive(new byte[1]);
      throw new IOException("nobody sends, but " + count + " came");
    } catch (JetStreamException e) {
      // The end of the connection ends the waiting.
      if (!begun) {
        failure.set(e);
      }
    } catch (IOException e) {
      failure.set(e);
    } finally {
      if (!begun) {
        answered.countDown();
      }
    }
  }

  /** Ends them with their connections, and returns when none is left. */
  void end() throws InterruptedException {
    connections.forEach(QuicConnection::close);
    connections.clear();
    for (Thread thread : threads) {
      thread.join();
    }
    threads.clear();
  }

  /** Makes {@code count} of them, {@link #AT_ONCE} at a time. */
  static <T> List<T> together(int count, Callable<T> maker) throws Exception {
    List<Future<T>> made = new ArrayList<>();
    try (ExecutorService executor =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      for (int i = 0; i < count; i++) {
        made.add(executor.submit(maker));
      }
    }
    List<T> all = new ArrayList<>();
    for (Future<T> one : made) {
      all.add(one.get());
    }
    return all;
  }
}
