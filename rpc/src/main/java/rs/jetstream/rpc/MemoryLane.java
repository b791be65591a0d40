package rs.jetstream.rpc;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;

/** One side of a lane between two ends of the same process: a bounded queue each way. */
final class MemoryLane implements LaneTransport {
  /** Bytes that a direction holds, above which nothing more is taken: a stream's window. */
  private static final int WINDOW = 256 << 10;

  private static final ValueLayout.OfInt SIZE =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The two sides of a lane. */
  record Pair(MemoryLane client, MemoryLane server) {}

  /** One direction. */
  private static final class Direction {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> chunks = new ArrayDeque<>();
    private long size;
    private boolean finished;
    private @Nullable Kind ended;

    void end(Kind kind) {
      lock.lock();
      try {
        if (ended == null) {
          ended = kind;
          chunks.clear();
          changed.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }

    /** Waits for a change; false when {@code nanos} have passed. */
    @SuppressWarnings("WaitNotInLoop") // its callers loop
    boolean await(long nanos) throws IOException {
      try {
        return changed.await(nanos, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted =
            new InterruptedIOException("interrupted while waiting");
        interrupted.initCause(e);
        throw interrupted;
      }
    }

    void check(String doing) throws RpcException {
      Kind kind = ended;
      if (kind != null) {
        throw RpcException.lane(doing + " failed: the lane has ended", kind);
      }
    }
  }

  private final Direction in;
  private final Direction out;
  private final int maxFrame;
  private final long sendNanos;
  private MemorySegment chunk = MemorySegment.NULL;

  private MemoryLane(Direction in, Direction out, int maxFrame, Duration sendTimeout) {
    this.in = in;
    this.out = out;
    this.maxFrame = maxFrame;
    sendNanos = sendTimeout.toNanos();
  }

  static Pair pair(
      int clientMaxFrame, int serverMaxFrame, Duration clientTimeout, Duration serverTimeout) {
    Direction up = new Direction();
    Direction down = new Direction();
    return new Pair(
        new MemoryLane(down, up, clientMaxFrame, clientTimeout),
        new MemoryLane(up, down, serverMaxFrame, serverTimeout));
  }

  @Override
  public @Nullable MemorySegment next() throws IOException {
    if (chunk.byteSize() == 0 && !more()) {
      return null;
    }
    long size = chunk.get(SIZE, 0) & 0xffff_ffffL;
    if (size > maxFrame) {
      throw RpcException.lane(
          "a frame says it has " + size + " bytes, the limit is " + maxFrame, Kind.BAD_FRAME);
    }
    MemorySegment frame = chunk.asSlice(0, size).asReadOnly();
    chunk = chunk.asSlice(size);
    return frame;
  }

  private boolean more() throws IOException {
    in.lock.lock();
    try {
      while (in.chunks.isEmpty()) {
        in.check("receive");
        if (in.finished) {
          return false;
        }
        boolean ignored = in.await(Long.MAX_VALUE);
      }
      byte[] bytes = in.chunks.remove();
      in.size -= bytes.length;
      in.changed.signalAll();
      chunk = MemorySegment.ofArray(bytes);
      return true;
    } finally {
      in.lock.unlock();
    }
  }

  @Override
  public void doneReceiving() {}

  @Override
  public long trySend(MemorySegment frames) throws IOException {
    out.lock.lock();
    try {
      out.check("send");
      return out.size < WINDOW ? put(frames) : 0;
    } finally {
      out.lock.unlock();
    }
  }

  private long put(MemorySegment frames) {
    byte[] bytes = frames.toArray(JAVA_BYTE);
    out.chunks.add(bytes);
    out.size += bytes.length;
    out.changed.signalAll();
    return bytes.length;
  }

  @Override
  public void send(MemorySegment frames) throws IOException {
    long until = System.nanoTime() + sendNanos;
    out.lock.lock();
    try {
      out.check("send");
      while (out.size >= WINDOW) {
        long left = until - System.nanoTime();
        if (left <= 0) {
          throw RpcException.lane("send failed: the other side takes nothing", Kind.DEADLINE);
        }
        boolean ignored = out.await(left);
        out.check("send");
      }
      long ignored = put(frames);
    } finally {
      out.lock.unlock();
    }
  }

  @Override
  public void finish() {
    out.lock.lock();
    try {
      out.finished = true;
      out.changed.signalAll();
    } finally {
      out.lock.unlock();
    }
  }

  @Override
  public void flush() {}

  @Override
  public void stop() {
    in.end(Kind.STREAM_ENDED_LOCALLY);
  }

  @Override
  public void close() {
    in.end(Kind.CLOSED);
    out.lock.lock();
    try {
      if (out.finished) {
        return; // what was sent is still the other side's to receive
      }
    } finally {
      out.lock.unlock();
    }
    out.end(Kind.STREAM_RESET);
  }

  @Override
  public String toString() {
    return "lane in memory";
  }
}
