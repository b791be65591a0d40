package rs.jetstream.benchmarks;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;

/** How long operations took, of which there are so many, or as many as there is time for. */
final class Latencies {
  /** A minute: longer ones are not told apart. */
  private static final long LONGEST = Duration.ofMinutes(1).toNanos();

  /** Digits kept, as by rust-baseline: an error of at most 0.1 %. */
  private static final int DIGITS = 3;

  private final AtomicLong started = new AtomicLong();
  private final long most;
  private final long begin = System.nanoTime();
  private final long nanos;
  private final Histogram histogram = new AtomicHistogram(LONGEST, DIGITS);

  private Latencies(long most, Duration time) {
    this.most = most;
    nanos = time.toNanos();
  }

  /** Of that many operations. */
  static Latencies of(long operations) {
    return new Latencies(operations, Duration.ofDays(1));
  }

  /** Of the operations that begin within {@code time} from now. */
  static Latencies during(Duration time) {
    return new Latencies(Long.MAX_VALUE, time);
  }

  /** Whether another operation is to be made. Any thread. */
  boolean next() {
    return started.getAndIncrement() < most && System.nanoTime() - begin < nanos;
  }

  /** An operation took the time since {@code start} of {@link System#nanoTime}. Any thread. */
  void record(long start) {
    histogram.recordValue(Math.min(System.nanoTime() - start, LONGEST));
  }

  long count() {
    return histogram.getTotalCount();
  }

  /** Of all operations in order of time, the one at {@code fraction}, in microseconds. */
  double micros(double fraction) {
    return histogram.getValueAtPercentile(fraction * 100) / 1e3;
  }

  double maxMicros() {
    return histogram.getMaxValue() / 1e3;
  }
}
