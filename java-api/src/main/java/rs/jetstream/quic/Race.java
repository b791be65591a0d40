package rs.jetstream.quic;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;

/**
 * Connects to the first of several addresses that answers (RFC 8305, Happy Eyeballs): the next is
 * tried when one fails, or is silent for a quarter of a second.
 */
final class Race {
  // = https://www.rfc-editor.org/rfc/rfc8305#section-8
  // # Connection Attempt Delay (Section 5): The time to wait between
  // # connection attempts in the absence of RTT data.  Recommended to be
  // # 250 milliseconds.
  private static final Duration DELAY = Duration.ofMillis(250);

  private Race() {}

  /** By turns IPv6 and IPv4, beginning with the family of the first. */
  static List<InetSocketAddress> interleave(InetAddress[] addresses, int port) {
    List<InetAddress> first = new ArrayList<>();
    List<InetAddress> second = new ArrayList<>();
    for (InetAddress address : addresses) {
      boolean like = address instanceof Inet6Address == addresses[0] instanceof Inet6Address;
      (like ? first : second).add(address);
    }
    List<InetSocketAddress> mixed = new ArrayList<>();
    for (int i = 0; i < Math.max(first.size(), second.size()); i++) {
      if (i < first.size()) {
        mixed.add(new InetSocketAddress(first.get(i), port));
      }
      if (i < second.size()) {
        mixed.add(new InetSocketAddress(second.get(i), port));
      }
    }
    return mixed;
  }

  static QuicConnection run(
      QuicClient client,
      List<InetSocketAddress> addresses,
      String serverName,
      @Nullable Duration timeout)
      throws IOException {
    String doing = "connect to " + Failures.printable(serverName);
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("addresses is empty");
    }
    long deadline = Waiter.deadlineAfter(timeout);
    LinkedBlockingQueue<CompletableFuture<QuicConnection>> answered = new LinkedBlockingQueue<>();
    List<CompletableFuture<QuicConnection>> attempts = new ArrayList<>();
    QuicConnection winner = null;
    @Nullable IOException failure = null;
    int open = 0;
    try {
      while (winner == null) {
        if (attempts.size() < addresses.size()) {
          InetSocketAddress address = addresses.get(attempts.size());
          CompletableFuture<QuicConnection> attempt =
              Futures.of(() -> client.connect(address, serverName, timeout));
          attempts.add(attempt);
          var _ = attempt.whenComplete((made, e) -> answered.add(attempt));
          open++;
        } else if (open == 0) {
          throw failure == null ? new ConnectionException(doing + " failed", Kind.IO) : failure;
        }
        boolean more = attempts.size() < addresses.size();
        CompletableFuture<QuicConnection> answer = await(answered, more, deadline, doing, timeout);
        if (answer == null) {
          continue;
        }
        open--;
        if (!answer.isCompletedExceptionally()) {
          winner = answer.join();
        } else if (answer.exceptionNow() instanceof IOException e) {
          failure = add(failure, e);
        } else if (answer.exceptionNow() instanceof RuntimeException e) {
          throw e;
        }
      }
      return winner;
    } finally {
      for (CompletableFuture<QuicConnection> attempt : attempts) {
        boolean ignored = attempt.cancel(true);
        if (attempt.state() == java.util.concurrent.Future.State.SUCCESS
            && attempt.resultNow() != winner) {
          attempt.resultNow().close();
        }
      }
    }
  }

  private static @Nullable CompletableFuture<QuicConnection> await(
      LinkedBlockingQueue<CompletableFuture<QuicConnection>> answered,
      boolean more,
      long deadline,
      String doing,
      @Nullable Duration timeout)
      throws IOException {
    long left = deadline == Waiter.NEVER ? Long.MAX_VALUE : deadline - System.nanoTime();
    if (left <= 0) {
      throw new ConnectionException(doing + " failed: not done in " + timeout, Kind.DEADLINE);
    }
    try {
      return answered.poll(more ? Math.min(left, DELAY.toNanos()) : left, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(doing + " was interrupted");
    }
  }

  private static IOException add(@Nullable IOException first, IOException next) {
    if (first == null) {
      return next;
    }
    first.addSuppressed(next);
    return first;
  }
}
