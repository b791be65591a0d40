package rs.jetstream.benchmarks;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** How long each of a fixed number of operations took. Any thread. */
final class Latencies {
  private final long[] nanos;
  private final AtomicInteger started = new AtomicInteger();

  Latencies(int operations) {
    nanos = new long[operations];
  }

  /** The number of the next operation to make, negative when all were begun. */
  int next() {
    int index = started.getAndIncrement();
    return index < nanos.length ? index : -1;
  }

  /** The operation of that number took the time since {@code start} of {@link System#nanoTime}. */
  void record(int index, long start) {
    nanos[index] = System.nanoTime() - start;
  }

  int count() {
    return nanos.length;
  }

  /** Of all operations in order of time, the one at {@code fraction}, in microseconds. */
  double micros(double fraction) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[(int) ((sorted.length - 1) * fraction)] / 1e3;
  }
}
