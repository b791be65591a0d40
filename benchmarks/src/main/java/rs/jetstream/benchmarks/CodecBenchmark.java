package rs.jetstream.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/**
 * What a record of ten fields costs; with {@code -prof gc} also what it allocates. {@code
 * benchmarks/codec} compares it with rust-baseline's codec.rs, which has the same record.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class CodecBenchmark {
  private static final Order ORDER =
      new Order(
          0x0123_4567_89ab_cdefL,
          4_000_000_000L,
          -1_999,
          "EUR",
          "screws, stainless, 4 x 40 mm",
          3,
          true,
          Instant.ofEpochMilli(1_700_000_000_123L),
          Optional.of("leave at the door"),
          List.of(1L, 2L, 3L, 4L));

  private final WireWriter writer = WireWriter.growing(4096);
  private final MemorySegment heap;
  private final MemorySegment outside;
  private final WireReader reader;

  /** Encodes it once. */
  public CodecBenchmark() {
    try {
      OrderCodec.INSTANCE.write(writer, ORDER);
    } catch (WireFormatException e) {
      throw new AssertionError(e);
    }
    byte[] encoded = writer.toByteArray();
    String expected = System.getProperty("jetstream.benchmarks.encoded");
    if (expected != null && !HexFormat.of().formatHex(encoded).equals(expected)) {
      throw new AssertionError("these are not the bytes that the other codec writes");
    }
    heap = MemorySegment.ofArray(encoded);
    outside = Arena.global().allocate(heap.byteSize()).copyFrom(heap);
    reader = WireReader.of(heap);
  }

  /** Writes it into an array that is used again. */
  @Benchmark
  public long encode() throws WireFormatException {
    writer.clear();
    OrderCodec.INSTANCE.write(writer, ORDER);
    return writer.position();
  }

  /** Counts its bytes. */
  @Benchmark
  public long size() throws WireFormatException {
    return OrderCodec.INSTANCE.size(ORDER);
  }

  /** Writes it into native memory, as into a claim. */
  @Benchmark
  public long encodeNative() throws WireFormatException {
    WireWriter out = WireWriter.to(outside);
    OrderCodec.INSTANCE.write(out, ORDER);
    return out.position();
  }

  /** Reads it from an array. */
  @Benchmark
  public Order decode() throws WireFormatException {
    return OrderCodec.INSTANCE.read(reader.reset(heap));
  }

  /** Reads it from native memory, as from a lease. */
  @Benchmark
  public Order decodeNative() throws WireFormatException {
    return OrderCodec.INSTANCE.read(reader.reset(outside));
  }
}
