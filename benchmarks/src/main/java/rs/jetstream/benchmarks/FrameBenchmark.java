package rs.jetstream.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.FrameReader;
import rs.jetstream.quic.FrameWriter;

/**
 * What one frame of 128 bytes costs, read from a stream that never runs dry, or written to one; its
 * part of the transport is in all of them.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class FrameBenchmark {
  private static final int LIMIT = 4 << 20;
  private static final int CHUNK = 64 << 10;

  /** This library's reader. */
  @SuppressWarnings("NullAway.Init") // by open()
  @State(Scope.Benchmark)
  public static class Reader {
    FrameReader reader;

    /** Makes it. */
    @Setup(Level.Trial)
    public void open(Download download) {
      reader = new FrameReader(download.stream);
    }
  }

  /** A buffer that frames are cut from by hand. */
  @State(Scope.Benchmark)
  public static class Cutter {
    final ByteBuffer buffer =
        ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN).limit(0);

    /** The next frame, valid until the next call. */
    ByteBuffer next(BidirectionalStream stream) throws IOException {
      while (buffer.remaining() < Integer.BYTES
          || buffer.remaining() < buffer.getInt(buffer.position())) {
        buffer.compact();
        long count = stream.receive(MemorySegment.ofBuffer(buffer));
        buffer.position(buffer.position() + (int) count).flip();
      }
      int size = buffer.getInt(buffer.position());
      ByteBuffer frame = buffer.slice(buffer.position(), size);
      buffer.position(buffer.position() + size);
      return frame;
    }
  }

  /** Netty's decoder. */
  @State(Scope.Benchmark)
  public static class NettyDecoder {
    private final EmbeddedChannel channel =
        new EmbeddedChannel(
            new LengthFieldBasedFrameDecoder(
                ByteOrder.LITTLE_ENDIAN, LIMIT, 0, Integer.BYTES, -Integer.BYTES, 0, true));

    int next(BidirectionalStream stream) throws IOException {
      ByteBuf frame;
      while ((frame = channel.readInbound()) == null) {
        ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer(CHUNK);
        long count = stream.receive(MemorySegment.ofBuffer(bytes.internalNioBuffer(0, CHUNK)));
        channel.writeInbound(bytes.writerIndex((int) count));
      }
      int size = frame.readableBytes();
      frame.release();
      return size;
    }

    /** Lets go of the rest. */
    @TearDown(Level.Trial)
    public void close() {
      channel.finishAndReleaseAll();
    }
  }

  /** An upload without end. */
  @SuppressWarnings("NullAway.Init") // by open()
  @State(Scope.Benchmark)
  public static class Upload {
    final MemorySegment payload = Arena.global().allocate(Bulk.FRAME - Integer.BYTES);
    final ByteBuffer buffer = ByteBuffer.allocateDirect(Bulk.FRAME).order(ByteOrder.LITTLE_ENDIAN);
    BidirectionalStream stream;
    FrameWriter writer;

    /** Opens the stream. */
    @Setup(Level.Trial)
    public void open(Remote remote) throws IOException {
      stream = remote.connection.openBidirectional();
      MemorySegment kind = Buffers.take().asSlice(0, 1);
      kind.fill(Protocol.UPLOAD);
      stream.send(kind);
      writer = new FrameWriter(stream);
    }
  }

  /** A frame where it lies. */
  @Benchmark
  public @Nullable MemorySegment frameReader(Reader reader) throws IOException {
    return reader.reader.next();
  }

  /** A frame cut from copied bytes. */
  @Benchmark
  public ByteBuffer byteBuffer(Cutter cutter, Download download) throws IOException {
    return cutter.next(download.stream);
  }

  /** A frame as Netty cuts it from copied bytes. */
  @Benchmark
  public int lengthFieldBasedFrameDecoder(NettyDecoder decoder, Download download)
      throws IOException {
    return decoder.next(download.stream);
  }

  /** A frame written into one claim. */
  @Benchmark
  public void frameWriter(Upload upload) throws IOException {
    upload.writer.write(upload.payload);
  }

  /** A frame put together and sent as a copy. */
  @Benchmark
  public void byteBufferWriter(Upload upload) throws IOException {
    ByteBuffer buffer = upload.buffer.clear();
    buffer.putInt(Bulk.FRAME).put(upload.payload.asByteBuffer()).flip();
    upload.stream.send(MemorySegment.ofBuffer(buffer));
  }
}
