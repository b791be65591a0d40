package rs.jetstream.quic;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeStream;

/**
 * Received bytes where the native half put them, read-only, until the lease is closed.
 *
 * <p>Confined to the thread that received it: another one gets {@link WrongThreadException}, and an
 * access after {@link #close()} is an {@link IllegalStateException}, never a crash. An open lease
 * keeps memory of the connection, bounded by {@link QuicSettings#maxLeased()}.
 *
 * {@snippet :
 * try (Lease lease = stream.lend()) {
 *   for (MemorySegment chunk : lease) {
 *     channel.write(chunk.asByteBuffer());
 *   }
 * }
 * }
 */
public final class Lease implements AutoCloseable, Iterable<MemorySegment> {
  private static final Lease END = new Lease();

  private final Arena arena;

  /** Holds where the chunks are; null at the end, where there are none. */
  private final @Nullable Block block;

  private int count;
  private long byteSize;
  private boolean end;
  private long handle;

  private Lease() {
    arena = Arena.global();
    block = null;
    count = 0;
    byteSize = 0;
    end = true;
  }

  /**
   * For what is about to be received into the outputs of {@code block}. Made before there is
   * anything: what could not be made afterwards, for want of memory, would have lost it.
   */
  @SuppressWarnings("MustBeClosedChecker") // close() does
  Lease(Block block) {
    arena = Arena.ofConfined();
    this.block = block;
  }

  /** Takes over the block and what was received: it goes back to its pool with the lease. */
  Lease received(Block block) {
    int received = (int) block.long0();
    if (received == 0) {
      arena.close();
      block.give();
      return END;
    }
    handle = block.long2();
    count = received;
    end = block.flag1();
    for (int i = 0; i < received; i++) {
      byteSize += block.chunkSize(i);
    }
    return this;
  }

  /** Whether there is nothing in it: the clean end. */
  public boolean isEmpty() {
    return count == 0;
  }

  /** Whether the clean end comes right after these bytes. */
  public boolean isLast() {
    return end;
  }

  /** The number of chunks, 0 to 32. */
  public int count() {
    return count;
  }

  /**
   * Chunk {@code index}, in the order of the stream: a view that is made anew by each call.
   *
   * @throws IllegalStateException when the lease is closed
   * @throws WrongThreadException on another thread than the one that received it
   */
  public MemorySegment chunk(int index) {
    Objects.checkIndex(index, count);
    if (handle == 0 || block == null) {
      throw new IllegalStateException("the lease is closed");
    }
    return block.chunk(index, arena);
  }

  /** The number of bytes of all chunks. */
  public long byteSize() {
    return byteSize;
  }

  /** The chunks in the order of the stream. */
  @Override
  public Iterator<MemorySegment> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < count;
      }

      @Override
      public MemorySegment next() {
        if (next >= count) {
          throw new NoSuchElementException();
        }
        return chunk(next++);
      }
    };
  }

  /** Gives the bytes back; no chunk can be read any more. Idempotent. */
  @Override
  public void close() {
    long lease = handle;
    if (lease != 0 && block != null) {
      // Throws for a wrong thread, before anything is given back.
      arena.close();
      handle = 0;
      NativeStream.freeLease(lease);
      block.give();
    }
  }
}
