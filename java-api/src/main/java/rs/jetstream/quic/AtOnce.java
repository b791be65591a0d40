package rs.jetstream.quic;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeStatus;
import rs.jetstream.ffi.NativeStream;
import rs.jetstream.ffi.WakeSlot;

/**
 * Reads frames on the endpoint's own thread while the thread that reads them waits.
 *
 * <p>One of the two has the stream. The reading thread lends it by {@link #begin} and takes it back
 * by {@link #end()}. Meanwhile {@link #read} offers each small and complete frame to the handler,
 * and gives the stream back for whatever else comes, its end included.
 */
final class AtOnce {
  /** Longer frames are for the reading thread, as is the time that decoding them takes. */
  private static final int MAX_FRAME = 16 << 10;

  /** Frames of one turn: who has more to read is better off with a thread. */
  private static final int MAX_FRAMES = 16;

  /** Longer than a handler may take: then the endpoint's other connections have waited for it. */
  private static final long SLOW_NANOS = 10_000_000;

  /** For how long a handler that was slow is not called. */
  private static final long PAUSE_NANOS = 1_000_000_000;

  /** The reading thread has the stream. */
  private static final int AWAY = 0;

  /** The reading thread waits, and the endpoint's thread may read. */
  private static final int WAITING = 1;

  /** The endpoint's thread reads. */
  private static final int READING = 2;

  /** The endpoint's thread reads, and the reading thread wants the stream back. */
  private static final int WANTED = 3;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(AtOnce.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int min;
  private final int limit;
  private volatile int state = AWAY;
  private volatile @Nullable Thread wanting;

  // The rest belongs to who has the stream.

  private FrameHandler handler;
  private byte[] bytes = {};
  private MemorySegment view = MemorySegment.NULL;
  private int from;
  private int to;
  private @Nullable Throwable thrown;
  private boolean took;
  private boolean wasSlow;
  private boolean paused;
  private long pausedAt;

  AtOnce(FrameHandler handler, int min, int limit) {
    this.handler = handler;
    this.min = min;
    this.limit = Math.min(limit, MAX_FRAME);
  }

  // The reading thread.

  /** Who is asked from now on. */
  void ask(FrameHandler next) {
    handler = next;
    took = false;
  }

  /** Before a wait for what comes; what was left is read by now. */
  void begin() {
    paused = paused && System.nanoTime() - pausedAt < PAUSE_NANOS;
    if (!paused) {
      state = WAITING;
    }
  }

  /** After a wait, however it ended: returns when this thread has the stream. */
  void end() {
    boolean interrupted = false;
    while (!STATE.compareAndSet(this, WAITING, AWAY) && state != AWAY) {
      wanting = Thread.currentThread();
      if (STATE.compareAndSet(this, READING, WANTED) || state == WANTED) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
    }
    wanting = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether frames were taken since this, or who is asked, was called before. */
  boolean took() {
    boolean it = took;
    took = false;
    return it;
  }

  /** Whether something was received that was not taken, or the handler has thrown. */
  boolean hasLeft() {
    return from < to || thrown != null;
  }

  /**
   * What was received and not taken, read-only, until the next wait. Throws what the handler has.
   */
  MemorySegment takeLeft() {
    MemorySegment left = view.asSlice(from, to - from);
    from = to;
    return switch (thrown) {
      case null -> left;
      case Error error -> throw error;
      case RuntimeException exception -> throw exception;
      case Throwable other -> throw new IllegalStateException(other);
    };
  }

  // The endpoint's thread.

  /** Something has come. Does not fail: what does is for the reading thread. */
  void read(long stream, WakeSlot slot, Waiter reader) {
    boolean waits = false;
    if (STATE.compareAndSet(this, WAITING, READING)) {
      try {
        // Its outputs for receiving: who waits for a lease does not use them.
        waits = takeAll(stream, slot.second());
      } catch (Throwable e) {
        thrown = e;
      }
      if (waits && STATE.compareAndSet(this, READING, WAITING)) {
        return;
      }
      state = AWAY;
    }
    reader.wake();
    Thread wants = wanting;
    if (wants != null) {
      LockSupport.unpark(wants);
    }
  }

  /** Whether all that has come was taken, and the stream's waker is armed for more. */
  private boolean takeAll(long stream, Block block) {
    int frames = 0;
    while (true) {
      int status = NativeStream.pollReceiveCopy(stream, block.scratch(), block);
      if (status != NativeStatus.OK) {
        // A failure is there for the reading thread as well.
        return status == NativeStatus.PENDING && from == to;
      }
      boolean last = block.flag1();
      append(block.scratch(), (int) block.long0());
      int size;
      for (size = first(); size > 0; size = first()) {
        if (frames++ == MAX_FRAMES || !take(size)) {
          return false;
        }
      }
      if (size < 0 || last || paused) {
        return false;
      }
    }
  }

  private void append(MemorySegment received, int count) {
    if (from == to) {
      from = to = 0;
    }
    if (bytes.length - to < count) {
      byte[] more = new byte[Math.max(256, 2 * (to - from + count))];
      System.arraycopy(bytes, from, more, 0, to - from);
      bytes = more;
      view = MemorySegment.ofArray(more).asReadOnly();
      to -= from;
      from = 0;
    }
    MemorySegment.copy(received, JAVA_BYTE, 0, bytes, to, count);
    to += count;
  }

  /**
   * The size of the frame that stands first, 0 when it is not complete, -1 when it is not for here.
   */
  private int first() {
    int have = to - from;
    if (have < FrameReader.PREFIX) {
      return 0;
    }
    int size = view.get(FrameReader.SIZE, from);
    return size < min || size > limit ? -1 : have < size ? 0 : size;
  }

  private boolean take(int size) {
    long began = System.nanoTime();
    boolean taken = handler.take(view.asSlice(from, size));
    long now = System.nanoTime();
    if (taken) {
      from += size;
      took = true;
    }
    if (now - began > SLOW_NANOS) {
      if (!wasSlow) {
        Exchanges.reportSlow("a FrameHandler", now - began, "leave such frames to who reads");
      }
      wasSlow = paused = true;
      pausedAt = now;
    }
    return taken;
  }
}
