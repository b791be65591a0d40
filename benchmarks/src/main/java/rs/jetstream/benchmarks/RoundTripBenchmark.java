package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import rs.jetstream.quic.BidirectionalStream;

/** What a receive costs that finds nothing: it waits, and is woken when the answer has come. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class RoundTripBenchmark {
  /** A stream that is echoed. */
  @SuppressWarnings("NullAway.Init") // by open()
  @State(Scope.Benchmark)
  public static class Echoed {
    final MemorySegment request = Buffers.request(Protocol.CALL_SIZE);
    final MemorySegment answer = Buffers.take();
    BidirectionalStream stream;

    /** Opens the stream. */
    @Setup(Level.Trial)
    public void open(Remote remote) throws IOException {
      stream = remote.connection.openBidirectional();
    }
  }

  /** 32 bytes there and back, by JMH's platform thread. */
  @Benchmark
  public long receiveThatWaits(Echoed echoed) throws IOException {
    echoed.stream.send(echoed.request);
    long length = 0;
    while (length < echoed.request.byteSize()) {
      length += echoed.stream.receive(echoed.answer);
    }
    return length;
  }
}
