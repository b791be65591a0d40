package rs.jetstream.benchmarks.trials;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;

/**
 * Operations at a rate, whatever becomes of those before: each on a virtual thread, its time
 * counted from when it was due.
 */
final class Paced {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long LONGEST = Duration.ofMinutes(1).toNanos();
  private static final double MILLI = 1e6;

  /** One of them, by its number. */
  interface Operation {
    void run(long number) throws Exception;
  }

  private final Operation operation;
  private final Histogram histogram = new AtomicHistogram(LONGEST, 3);
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong within = new AtomicLong();
  private final AtomicReference<String> failure = new AtomicReference<>("");
  private final Phaser underWay = new Phaser(1);

  private Paced(Operation operation) {
    this.operation = operation;
  }

  /** Does it for {@code seconds}, and waits for the last. */
  static Map<String, Object> run(double seconds, double rate, Operation operation) {
    return new Paced(operation).run((long) (seconds * rate), (long) (SECOND / rate));
  }

  private Map<String, Object> run(long count, long period) {
    long begin = System.nanoTime();
    for (long i = 0; i < count; i++) {
      long due = begin + i * period;
      for (long now; (now = System.nanoTime()) < due; ) {
        LockSupport.parkNanos(due - now);
      }
      long number = i;
      underWay.register();
      Thread.ofVirtual().start(() -> once(number, due));
    }
    underWay.arriveAndAwaitAdvance();
    Map<String, Object> figures = new HashMap<>();
    figures.put("attempts", count);
    figures.put("failed", failed.get());
    figures.put("failure", failure.get());
    figures.put("within_1s", count == 0 ? 0 : 100.0 * within.get() / count);
    figures.put("p50_ms", histogram.getValueAtPercentile(50) / MILLI);
    figures.put("p99_ms", histogram.getValueAtPercentile(99) / MILLI);
    figures.put("max_ms", histogram.getMaxValue() / MILLI);
    return figures;
  }

  private void once(long number, long due) {
    try {
      operation.run(number);
      long nanos = System.nanoTime() - due;
      histogram.recordValue(Math.min(nanos, LONGEST));
      if (nanos <= SECOND) {
        within.incrementAndGet();
      }
    } catch (Exception e) {
      failed.incrementAndGet();
      failure.compareAndSet("", e.toString());
    } finally {
      underWay.arriveAndDeregister();
    }
  }
}
