package rs.jetstream.quic;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;

/**
 * Cuts a stream into frames that begin with their size, as JetStream's and 9P's do: four bytes,
 * little-endian, that count the whole frame, themselves included.
 *
 * <p>A frame that lies in one received chunk is given where it lies; one that straddles chunks is
 * put together in a buffer of the reader, which is used again. Sizes are checked before anything is
 * allocated, and the buffer grows with the bytes that have come, not with what the peer has
 * promised. A peer has {@link #frameTimeout()} from a frame's first byte to its last, however it
 * trickles in between; before the first byte there is no other limit than the stream's timeout.
 *
 * <p>One thread, which also closes the reader. The stream is the caller's to close.
 */
// r[impl security.1.23]
// r[impl security.1.24]
// r[impl security.1.25]
public final class FrameReader implements AutoCloseable {
  /** Size of the size. */
  public static final int PREFIX = Integer.BYTES;

  /** The largest limit: the largest data of JetStream's wire format, and room for its header. */
  public static final int HARD_LIMIT = (32 << 20) + (64 << 10);

  /** The default limit: 4 MiB. */
  public static final int DEFAULT_LIMIT = 4 << 20;

  /** The default of {@link #frameTimeout()}: a frame of 4 MiB takes as long at 1.2 Mbit/s. */
  public static final Duration DEFAULT_FRAME_TIMEOUT = Duration.ofSeconds(30);

  static final ValueLayout.OfInt SIZE =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final AbstractStream stream;
  private final int min;
  private final int limit;
  private @Nullable Lease lease;
  private int chunkIndex;
  private MemorySegment chunk = MemorySegment.NULL;
  private byte[] straddling = new byte[256];
  private boolean ended;
  private Duration frameTimeout = DEFAULT_FRAME_TIMEOUT;
  private @Nullable AtOnce atOnce;

  /** Reads frames of up to {@link #DEFAULT_LIMIT} bytes. */
  public FrameReader(ReceiveStream stream) {
    this(stream, PREFIX, DEFAULT_LIMIT);
  }

  /**
   * Reads frames of {@code min} to {@code limit} bytes, their size counted.
   *
   * @param min at least {@link #PREFIX}: the size and whatever else each frame has
   * @param limit at most {@link #HARD_LIMIT}
   */
  public FrameReader(ReceiveStream stream, int min, int limit) {
    if (min < PREFIX || limit < min || limit > HARD_LIMIT) {
      throw new IllegalArgumentException(
          "min is "
              + min
              + " and limit is "
              + limit
              + ", must be "
              + PREFIX
              + " <= min <= limit <= "
              + HARD_LIMIT);
    }
    this.stream = (AbstractStream) stream; // all of them are
    this.min = min;
    this.limit = limit;
  }

  /** How long the peer may take over one frame. */
  public Duration frameTimeout() {
    return frameTimeout;
  }

  /**
   * Sets how long the peer may take over one frame, from its first byte to its last.
   *
   * @param timeout longer than nothing
   */
  public void frameTimeout(Duration timeout) {
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("timeout is " + timeout + ", must be more than 0");
    }
    frameTimeout = timeout;
  }

  /**
   * The next frame, its size included, waiting for all of it; null at the clean end.
   *
   * <p>Read-only, and valid until the next call or {@link #close()}.
   *
   * @throws StreamException of kind BAD_FRAME when the size is out of its range, the stream ends
   *     inside a frame, or the frame is not complete in its time; the stream is left where it is:
   *     reset and stop it
   * @throws IOException as {@link ReceiveStream#receive}
   */
  public @Nullable MemorySegment next() throws IOException {
    return chunk.byteSize() == 0 && !more(Waiter.NEVER, null) ? null : cut();
  }

  /**
   * As {@link #next()}, but small frames that come while this waits are offered to {@code handler}
   * first, on the endpoint's own thread: where it takes them, no thread is woken. Returns the first
   * that it leaves.
   *
   * <p>A frame may always be returned without having been offered: when it is longer than 16 KiB,
   * has not come as a whole, or stands behind others that wait to be read.
   */
  @Experimental
  public @Nullable MemorySegment next(FrameHandler handler) throws IOException {
    AtOnce reader = atOnce;
    if (reader == null) {
      atOnce = reader = new AtOnce(handler, min, limit);
    } else {
      reader.ask(handler);
    }
    return chunk.byteSize() == 0 && !more(Waiter.NEVER, reader) ? null : cut();
  }

  private MemorySegment cut() throws IOException {
    if (chunk.byteSize() >= PREFIX) {
      int size = checked(chunk.get(SIZE, 0));
      if (chunk.byteSize() >= size) {
        MemorySegment frame = chunk.asSlice(0, size);
        chunk = chunk.asSlice(size);
        return frame;
      }
    }
    return straddling();
  }

  private MemorySegment straddling() throws IOException {
    int have = 0;
    int need = PREFIX;
    int size = 0;
    long deadline = Waiter.deadlineAfter(frameTimeout);
    while (true) {
      while (have < need) {
        if (chunk.byteSize() == 0 && !more(deadline, null)) {
          throw bad(
              "the stream ends after "
                  + have
                  + " bytes of a frame of "
                  + (size == 0 ? "unknown size" : size));
        }
        int part = (int) Math.min(need - have, chunk.byteSize());
        if (straddling.length - have < part) {
          straddling =
              java.util.Arrays.copyOf(straddling, Math.max(have + part, Math.min(limit, 2 * have)));
        }
        MemorySegment.copy(chunk, JAVA_BYTE, 0, straddling, have, part);
        chunk = chunk.asSlice(part);
        have += part;
      }
      if (size != 0) {
        return MemorySegment.ofArray(straddling).asSlice(0, size).asReadOnly();
      }
      size = checked(MemorySegment.ofArray(straddling).get(SIZE, 0));
      need = size;
    }
  }

  /** Moves on to the next chunk that has bytes; false at the clean end. */
  private boolean more(long deadline, @Nullable AtOnce reader) throws IOException {
    while (!ended) {
      Lease current = lease;
      if (current != null && chunkIndex < current.count()) {
        chunk = current.chunk(chunkIndex++);
      } else {
        boolean last = current != null && current.isLast();
        release();
        if (last) {
          ended = true;
          return false;
        }
        AtOnce before = atOnce;
        if (before != null && before.hasLeft()) {
          chunk = before.takeLeft();
          return true;
        }
        Lease next = reader == null ? lend(deadline) : stream.lend(reader);
        if (next == null) {
          continue;
        }
        if (next.isEmpty()) {
          ended = true;
          return false;
        }
        lease = next;
        chunkIndex = 0;
        continue;
      }
      if (chunk.byteSize() > 0) {
        return true;
      }
    }
    return false;
  }

  private Lease lend(long deadline) throws IOException {
    try {
      return stream.lendBy(deadline);
    } catch (StreamException e) {
      if (e.kind() == Kind.DEADLINE && Waiter.passed(deadline)) {
        throw bad("the frame is not complete in " + frameTimeout);
      }
      throw e;
    }
  }

  private int checked(int size) throws StreamException {
    // Unsigned on the wire: a negative int is more than 2 GiB.
    if (Integer.compareUnsigned(size, min) < 0) {
      throw bad("a frame says it has " + size + " bytes, the smallest has " + min);
    }
    if (Integer.compareUnsigned(size, limit) > 0) {
      throw bad(
          "a frame says it has "
              + Integer.toUnsignedString(size)
              + " bytes, the limit is "
              + limit);
    }
    return size;
  }

  private StreamException bad(String why) {
    return new StreamException(
        "read a frame of stream " + stream.id() + " failed: " + why,
        Kind.BAD_FRAME,
        0,
        Initiator.REMOTE);
  }

  private void release() {
    Lease current = lease;
    lease = null;
    chunk = MemorySegment.NULL;
    if (current != null) {
      current.close();
    }
  }

  /** Gives back what is lent. The stream stays open. Idempotent. */
  @Override
  public void close() {
    release();
    ended = true;
  }
}
