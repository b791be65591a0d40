package rs.jetstream.rpc;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.FrameHandler;
import rs.jetstream.quic.FrameReader;
import rs.jetstream.wire.Frames;

/** A lane on a stream of a connection. */
final class QuicLane implements LaneTransport {
  private static final long FLUSH_NANOS = 1_000_000_000;

  private final BidirectionalStream stream;
  private final FrameReader reader;
  private final SendTimeout sendTimeout;

  /** A send that blocks must end; receiving, which has the same setting, must not. */
  private static final class SendTimeout extends Timers.Watched {
    private final BidirectionalStream stream;
    private volatile long deadline = Timers.NEVER;

    SendTimeout(BidirectionalStream stream) {
      this.stream = stream;
    }

    @Override
    long look(long now) {
      long at = deadline;
      if (at == Timers.NEVER || at - now > 0) {
        return at;
      }
      stream.close();
      return Timers.NEVER;
    }
  }

  private final long sendNanos;

  QuicLane(BidirectionalStream stream, int maxFrame, Duration frameTimeout, Duration sendTimeout) {
    this.stream = stream;
    reader = new FrameReader(stream, Frames.HEADER, maxFrame);
    reader.frameTimeout(frameTimeout);
    this.sendTimeout = new SendTimeout(stream);
    sendNanos = sendTimeout.toNanos();
  }

  @Override
  public @Nullable MemorySegment next() throws IOException {
    return reader.next();
  }

  @Override
  public @Nullable MemorySegment next(FrameHandler handler) throws IOException {
    return reader.next(handler);
  }

  @Override
  public void doneReceiving() {
    reader.close();
  }

  @Override
  public long trySend(MemorySegment frames) throws IOException {
    return stream.trySend(frames);
  }

  @Override
  public void send(MemorySegment frames) throws IOException {
    bounded(sendNanos, () -> stream.send(frames));
  }

  @Override
  public void finish() throws IOException {
    stream.finish();
  }

  @Override
  public void flush() throws IOException {
    bounded(FLUSH_NANOS, stream::flush);
  }

  private interface Sending {
    void run() throws IOException;
  }

  private void bounded(long nanos, Sending sending) throws IOException {
    long deadline = System.nanoTime() + nanos;
    sendTimeout.deadline = deadline;
    Timers.watch(sendTimeout, deadline);
    try {
      sending.run();
    } finally {
      sendTimeout.deadline = Timers.NEVER;
    }
  }

  @Override
  public void stop() {
    try {
      stream.stopSending(0);
    } catch (IOException | IllegalStateException e) {
      // It has ended already.
    }
  }

  @Override
  public void close() {
    stream.close();
  }

  @Override
  public String toString() {
    return "stream " + stream.id();
  }
}
