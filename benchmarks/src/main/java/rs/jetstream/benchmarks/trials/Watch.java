package rs.jetstream.benchmarks.trials;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.consumer.RecordingStream;

/**
 * Watches whether carriers are held: by the JDK's own event for virtual threads that are pinned,
 * and by how late a virtual thread, and beside it a platform thread, come to run.
 */
final class Watch {
  /** Longer than this, no carrier may be held. */
  private static final Duration HELD = Duration.ofMillis(20);

  private static final Duration STEP = Duration.ofMillis(5);
  private static final double MILLI = 1e6;

  private static final AtomicBoolean PROVOKED = new AtomicBoolean();

  /** Waits while its class is initialized, which holds a carrier in every JDK until now. */
  private static final class Holding {
    static final boolean DONE;

    static {
      LockSupport.parkNanos(HELD.multipliedBy(2).toNanos());
      DONE = true;
    }
  }

  /** A thread that wants to run every {@link #STEP}. */
  private final class Late implements Runnable {
    private long nanos;

    @Override
    public void run() {
      while (!ended) {
        long until = System.nanoTime() + STEP.toNanos();
        while (System.nanoTime() < until) {
          LockSupport.parkNanos(until - System.nanoTime());
        }
        nanos = Math.max(nanos, System.nanoTime() - until);
      }
    }
  }

  private final RecordingStream recording = new RecordingStream();
  private final AtomicInteger pinned = new AtomicInteger();
  private final Late onCarrier = new Late();
  private final Late onPlatform = new Late();
  private final Thread virtual;
  private final Thread platform;
  private final int expected;
  private volatile boolean ended;

  Watch() throws InterruptedException {
    recording.enable("jdk.VirtualThreadPinned").withThreshold(HELD).withoutStackTrace();
    recording.onEvent("jdk.VirtualThreadPinned", event -> pinned.incrementAndGet());
    recording.startAsync();
    expected = PROVOKED.compareAndSet(false, true) ? provoke() : 0;
    virtual = Thread.ofVirtual().start(onCarrier);
    platform = Thread.ofPlatform().daemon().start(onPlatform);
  }

  /** Holds a carrier once, which a process can: a watch that does not see it is none. */
  private static int provoke() throws InterruptedException {
    AtomicInteger held = new AtomicInteger();
    Thread.ofVirtual().start(() -> held.set(Holding.DONE ? 1 : 0)).join();
    return held.get();
  }

  /** Events of pinned threads, and the most that each thread came late. */
  Map<String, Object> end() throws InterruptedException {
    ended = true;
    virtual.join();
    platform.join();
    recording.stop();
    recording.close();
    if (pinned.get() < expected) { // the one that was provoked
      throw new IllegalStateException("the flight recorder did not tell of a held carrier");
    }
    return Map.of(
        "pinned", pinned.get() - expected,
        "virtual_late_ms", onCarrier.nanos / MILLI,
        "platform_late_ms", onPlatform.nanos / MILLI);
  }
}
