package rs.jetstream.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.QuicConnection;

/** Makes calls one after another, each on a stream of its own, and tells how long they took. */
final class CallDemo {
  private final QuicConnection connection;
  private final int calls;
  private final Report report;

  CallDemo(QuicConnection connection, int calls, Report report) {
    this.connection = connection;
    this.calls = calls;
    this.report = report;
  }

  void run() throws IOException, DemoFailure {
    report.section(
        String.format(
            Locale.ROOT,
            "Calls: %,d of %d bytes, one at a time, each on a new stream",
            calls,
            DemoProtocol.CALL_SIZE));
    long[] nanos = new long[calls];
    double seconds;
    try (Arena arena = Arena.ofConfined();
        Progress progress = Progress.of("calls", calls)) {
      MemorySegment request = arena.allocate(DemoProtocol.CALL_SIZE);
      MemorySegment answer = arena.allocate(DemoProtocol.CALL_SIZE + 1);
      request.set(JAVA_BYTE, 0, DemoProtocol.CALL);
      long start = System.nanoTime();
      for (int i = 0; i < calls; i++) {
        request.set(JAVA_LONG_UNALIGNED, 8, i); // no two calls are alike
        long begin = System.nanoTime();
        long size = call(request, answer);
        nanos[i] = System.nanoTime() - begin;
        if (size != DemoProtocol.CALL_SIZE || answer.asSlice(0, size).mismatch(request) >= 0) {
          throw new DemoFailure("the answer of call " + i + " is not what was sent");
        }
        progress.add(1);
      }
      seconds = (System.nanoTime() - start) / 1e9;
    }
    Arrays.sort(nanos);
    report.line("rate", String.format(Locale.ROOT, "%,.0f calls/s", calls / seconds));
    report.line(
        "latency",
        "p50 %s, p99 %s, max %s"
            .formatted(
                Report.millis(percentile(nanos, 50)),
                Report.millis(percentile(nanos, 99)),
                Report.millis(nanos[calls - 1])));
  }

  /** Returns the size of the answer, up to its end. */
  private long call(MemorySegment request, MemorySegment answer) throws IOException {
    try (BidirectionalStream stream = connection.openBidirectionalAndFinish(request)) {
      stream.timeout(DemoProtocol.PATIENCE);
      long size = 0;
      while (size < answer.byteSize()) {
        long n = stream.receive(answer.asSlice(size));
        if (n < 0) {
          break;
        }
        size += n;
      }
      return size;
    }
  }

  /** The smallest value that {@code percent} of all are not above. */
  static long percentile(long[] sorted, int percent) {
    return sorted[Math.max(0, (int) Math.ceilDiv((long) sorted.length * percent, 100L) - 1)];
  }
}
