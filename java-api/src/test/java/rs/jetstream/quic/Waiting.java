package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A thread in a call that waits, known to wait: its blocker says so. */
final class Waiting {
  /** What became of the call: a value or an exception, and whether the interrupt flag was set. */
  record Outcome(Object value, Throwable failure, boolean interrupted) {}

  private final Thread thread;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

  private Waiting(boolean virtual, Callable<?> call) {
    Thread.Builder builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
    thread =
        builder.unstarted(() -> {
          Object value = null;
          Throwable failure = null;
          try {
            value = call.call();
          } catch (Throwable e) {
            failure = e;
          }
          outcome.complete(new Outcome(value, failure, Thread.currentThread().isInterrupted()));
        });
  }

  /** Starts {@code call} and returns when it waits. */
  static Waiting in(boolean virtual, Callable<?> call) throws Exception {
    Waiting waiting = started(virtual, call);
    waiting.untilItWaits();
    return waiting;
  }

  /** Starts {@code call}. */
  static Waiting started(boolean virtual, Callable<?> call) {
    Waiting waiting = new Waiting(virtual, call);
    waiting.thread.start();
    return waiting;
  }

  private void untilItWaits() throws Exception {
    long until = System.nanoTime() + Loopback.SOON.toNanos();
    while (!(LockSupport.getBlocker(thread) instanceof Waiter)
        || thread.getState() != Thread.State.WAITING) {
      if (outcome.isDone()) {
        fail("does not wait: " + outcome.get());
      }
      assertThat(System.nanoTime() - until).as("time until it waits").isNegative();
      Thread.onSpinWait();
    }
  }

  /** Returns when the thread waits in the call, or for its turn. */
  void untilQueued() {
    long until = System.nanoTime() + Loopback.SOON.toNanos();
    while (LockSupport.getBlocker(thread) == null
        || (thread.getState() != Thread.State.WAITING
            && thread.getState() != Thread.State.TIMED_WAITING)) {
      assertThat(System.nanoTime() - until).as("time until it waits").isNegative();
      Thread.onSpinWait();
    }
  }

  void interrupt() {
    thread.interrupt();
  }

  /** What became of the call, which has to end promptly. */
  Outcome outcome() throws Exception {
    return outcome.get(10, TimeUnit.SECONDS);
  }

  Object value() throws Exception {
    Outcome it = outcome();
    assertThat(it.failure()).isNull();
    return it.value();
  }

  JetStreamException failure() throws Exception {
    Outcome it = outcome();
    assertThat(it.failure()).as("failure, value %s", it.value()).isNotNull();
    assertThat(it.failure()).isInstanceOf(JetStreamException.class);
    return (JetStreamException) it.failure();
  }
}
