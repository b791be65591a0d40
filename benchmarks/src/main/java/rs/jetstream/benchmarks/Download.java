package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import rs.jetstream.quic.BidirectionalStream;

/** A stream that never runs dry, of frames of {@link Bulk#FRAME} bytes. */
@SuppressWarnings("NullAway.Init") // by open()
@State(Scope.Benchmark)
public class Download {
  private static final long ENDLESS = 1L << 50;

  BidirectionalStream stream;

  /** Asks for bytes without end. */
  @Setup(Level.Trial)
  public void open(Remote remote) throws IOException {
    MemorySegment request = Buffers.take().asSlice(0, Protocol.REQUEST);
    request.set(ValueLayout.JAVA_BYTE, 0, Protocol.DOWNLOAD);
    request.set(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 1, ENDLESS);
    stream = remote.connection.openBidirectionalAndFinish(request);
  }
}
