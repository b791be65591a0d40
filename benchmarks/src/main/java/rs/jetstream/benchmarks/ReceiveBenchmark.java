package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import rs.jetstream.quic.Lease;

/** What one receive allocates, with {@code -prof gc}; one receive includes waiting for data. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class ReceiveBenchmark {
  /** How much a receive brings. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Received {
    /** Bytes of all receives. */
    public long bytes;

    /** Chunks of all leases. */
    public long chunks;

    /** Whether the last lease had as many chunks as a lease can have. */
    boolean full;
  }

  /** The caller's memory for copies. */
  @State(Scope.Thread)
  public static class Target {
    final MemorySegment segment = Arena.global().allocate(64 << 10);
  }

  /** Into memory of the caller. */
  @Benchmark
  public long copy(Download download, Target target, Received received) throws IOException {
    long count = download.stream.receive(target.segment);
    received.bytes += count;
    return count;
  }

  /** Without a copy. */
  @Benchmark
  public long lease(Download download, Received received) throws IOException {
    try (Lease lease = download.stream.lend()) {
      for (MemorySegment chunk : lease) {
        received.bytes += chunk.byteSize();
        received.chunks++;
      }
      return lease.byteSize();
    }
  }

  /** Without a copy, most leases full: whenever one was not, a pause lets the window fill. */
  @Benchmark
  public long leaseOfMany(Download download, Received received) throws IOException {
    if (!received.full) {
      LockSupport.parkNanos(2_000_000);
    }
    long before = received.chunks;
    long size = lease(download, received);
    received.full = received.chunks - before == 32;
    return size;
  }
}
