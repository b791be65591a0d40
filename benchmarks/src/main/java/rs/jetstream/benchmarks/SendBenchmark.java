package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.Claim;

/** What one send costs by its size, waiting for room included; both write every byte once. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class SendBenchmark {
  /** An upload without end. */
  @SuppressWarnings("NullAway.Init") // by open()
  @State(Scope.Benchmark)
  public static class Upload {
    /** Bytes of one send. */
    @Param({"64", "1024", "16384", "262144"})
    int size;

    BidirectionalStream stream;
    MemorySegment source;

    /** Opens the stream. */
    @Setup(Level.Trial)
    public void open(Remote remote) throws IOException {
      source = Arena.global().allocate(size);
      stream = remote.connection.openBidirectional();
      MemorySegment kind = Buffers.take().asSlice(0, 1);
      kind.fill(Protocol.UPLOAD);
      stream.send(kind);
    }
  }

  /** Writes into memory of its own, which is copied. */
  @Benchmark
  public void copy(Upload upload) throws IOException {
    upload.source.fill((byte) 1);
    upload.stream.send(upload.source);
  }

  /** Writes into claimed memory, which is not. */
  @Benchmark
  public void claim(Upload upload) throws IOException {
    try (Claim claim = upload.stream.claim(upload.size)) {
      claim.segment().fill((byte) 1);
      claim.commit();
    }
  }
}
