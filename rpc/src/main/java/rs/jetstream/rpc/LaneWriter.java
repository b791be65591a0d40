package rs.jetstream.rpc;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import rs.jetstream.wire.WireWriter;

/**
 * Sends the frames of many threads on one lane, without a thread of its own and without a lock.
 *
 * <p>Who comes while nobody sends, sends at once. Who comes meanwhile leaves its frame, and the
 * sender takes all that were left in one go. Nobody waits for the peer here: what finds no room is
 * passed on to a virtual thread that does.
 */
final class LaneWriter {
  /** Frames are put together up to this size: one call and one packet for many. */
  private static final int BATCH = 16 << 10;

  /** A writer with a larger frame in it is not kept. */
  private static final int KEPT_CAPACITY = 64 << 10;

  /** Writers that are kept for the next frames; a power of two. */
  private static final int KEPT_WRITERS = 16;

  private final LaneTransport transport;
  private final int maxFrame;
  private final long maxQueued;
  private final Consumer<Throwable> onFailure;
  private final Runnable onFinished;
  private final ConcurrentLinkedQueue<WireWriter> queue = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Thread> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicReferenceArray<@Nullable WireWriter> kept =
      new AtomicReferenceArray<>(KEPT_WRITERS);

  /** Bytes that were written and not sent. */
  private final AtomicLong queued = new AtomicLong();

  /**
   * What nobody has looked after yet. The thread that raises it from 0 is the sender until it is 0
   * again; what is below belongs to it.
   */
  private final AtomicInteger pending = new AtomicInteger();

  private volatile boolean finishing;
  private volatile boolean failed;
  private boolean finished;
  private @Nullable MemorySegment chunk;
  private @Nullable WireWriter chunkOwner;
  private byte[] batch = {};

  /**
   * Sends on {@code transport}.
   *
   * @param maxFrame bytes of the largest frame
   * @param maxQueued bytes that wait to be sent above which {@link #awaitRoom} waits
   * @param onFailure told once, when nothing can be sent any more
   * @param onFinished told once, when this side's direction has ended cleanly
   */
  LaneWriter(
      LaneTransport transport,
      int maxFrame,
      long maxQueued,
      Consumer<Throwable> onFailure,
      Runnable onFinished) {
    this.transport = transport;
    this.maxFrame = maxFrame;
    this.maxQueued = maxQueued;
    this.onFailure = onFailure;
    this.onFinished = onFinished;
  }

  /** An empty writer for one frame: for {@link #write}, or to be forgotten. */
  WireWriter take() {
    int start = (int) Thread.currentThread().threadId();
    for (int i = 0; i < KEPT_WRITERS; i++) {
      int at = (start + i) & (KEPT_WRITERS - 1);
      if (kept.getPlain(at) != null) {
        WireWriter writer = kept.getAndSet(at, null);
        if (writer != null) {
          return writer;
        }
      }
    }
    return WireWriter.growing(maxFrame);
  }

  /** Keeps a writer whose frame was sent. */
  private void give(WireWriter writer) {
    if (writer.position() > KEPT_CAPACITY) {
      return;
    }
    writer.clear();
    int start = (int) Thread.currentThread().threadId();
    for (int i = 0; i < KEPT_WRITERS; i++) {
      int at = (start + i) & (KEPT_WRITERS - 1);
      if (kept.getPlain(at) == null && kept.compareAndSet(at, null, writer)) {
        return;
      }
    }
  }

  /** Whether {@link #awaitRoom} would not wait. */
  boolean hasRoom() {
    return queued.get() <= maxQueued || failed;
  }

  /**
   * Waits while too much waits to be sent.
   *
   * @return whether there is room, or nothing to be waited for, before {@code deadline}
   */
  boolean awaitRoom(long deadline) throws InterruptedException {
    if (hasRoom()) {
      return true;
    }
    Thread me = Thread.currentThread();
    waiting.add(me);
    try {
      while (!hasRoom()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        long left = deadline == Timers.NEVER ? Long.MAX_VALUE : deadline - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        LockSupport.parkNanos(this, left);
      }
      return true;
    } finally {
      waiting.remove(me);
    }
  }

  /** Sends what is in {@code frame}, which is taken over. Does not block; a failure is told. */
  void write(WireWriter frame) {
    queued.addAndGet(frame.position());
    if (pending.compareAndSet(0, 1)) {
      chunk = frame.written();
      chunkOwner = frame;
      drain(1, false);
      return;
    }
    queue.add(frame);
    if (pending.getAndIncrement() == 0) {
      drain(1, false);
    }
  }

  /** Ends this side's direction cleanly, after all that was written before. Does not block. */
  void finish() {
    finishing = true;
    if (pending.getAndIncrement() == 0) {
      drain(1, false);
    }
  }

  /** Sends until nothing is left to do; {@code taken} is the sender's share of what is pending. */
  private void drain(int taken, boolean waits) {
    int missed = taken;
    do {
      boolean done = false;
      while (!done) {
        try {
          if (!sendQueued(waits)) {
            int rest = missed;
            Thread.startVirtualThread(() -> drain(rest, true));
            return;
          }
          done = true;
        } catch (RuntimeException | Error e) {
          // Out of memory: what left here would leave the lane without a sender, for ever. What is
          // still queued is dropped in the next rounds, each of which takes something.
          fail(e);
        }
      }
      missed = pending.addAndGet(-missed);
    } while (missed != 0);
  }

  /** Sends what is queued, and the end; false when a part is left that must wait for room. */
  private boolean sendQueued(boolean waits) {
    while (chunk != null || nextChunk()) {
      if (!sendChunk(waits)) {
        return false;
      }
    }
    if (finishing && !finished) {
      end();
    }
    return true;
  }

  /** Takes what is next: one frame, or many small ones together. */
  private boolean nextChunk() {
    WireWriter first = queue.poll();
    if (first == null) {
      return false;
    }
    WireWriter second = queue.peek();
    if (second == null || first.position() + second.position() > BATCH) {
      chunk = first.written();
      chunkOwner = first;
      return true;
    }
    if (batch.length == 0) {
      batch = new byte[BATCH];
    }
    int size = append(first, 0);
    for (WireWriter next = second; next != null; next = queue.peek()) {
      if (size + next.position() > BATCH) {
        break;
      }
      queue.remove();
      size = append(next, size);
    }
    chunk = MemorySegment.ofArray(batch).asSlice(0, size);
    return true;
  }

  private int append(WireWriter frame, int at) {
    int size = (int) frame.position();
    MemorySegment.copy(frame.written(), JAVA_BYTE, 0, batch, at, size);
    give(frame);
    return at + size;
  }

  /** Sends the chunk; false when a part is left that must wait for room. */
  private boolean sendChunk(boolean waits) {
    MemorySegment bytes = chunk;
    if (bytes == null) {
      return true;
    }
    long size = bytes.byteSize();
    long sent = size;
    if (!failed && !finished) {
      try {
        if (waits) {
          transport.send(bytes);
        } else {
          sent = transport.trySend(bytes);
        }
      } catch (IOException | RuntimeException | Error e) {
        fail(e);
      }
    }
    boolean room = queued.addAndGet(-sent) <= maxQueued;
    if (room && !waiting.isEmpty()) {
      waiting.forEach(LockSupport::unpark);
    }
    if (sent < size) {
      chunk = bytes.asSlice(sent);
      return false;
    }
    chunk = null;
    WireWriter owner = chunkOwner;
    chunkOwner = null;
    if (owner != null) {
      give(owner);
    }
    return true;
  }

  private void end() {
    finished = true;
    if (!failed) {
      try {
        transport.finish();
        onFinished.run();
      } catch (IOException | IllegalStateException e) {
        fail(e);
      }
    }
  }

  private void fail(Throwable e) {
    failed = true;
    waiting.forEach(LockSupport::unpark);
    onFailure.accept(e);
  }
}
