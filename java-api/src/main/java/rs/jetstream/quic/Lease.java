package rs.jetstream.quic;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Iterator;
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
  private static final MemorySegment[] NOTHING = {};
  private static final Lease END = new Lease();

  private final Arena arena;
  private final MemorySegment[] chunks;
  private final long byteSize;
  private final boolean end;
  private long handle;

  private Lease() {
    arena = Arena.global();
    chunks = NOTHING;
    byteSize = 0;
    end = true;
  }

  @SuppressWarnings("MustBeClosedChecker") // close() does
  private Lease(Block block, int count) {
    arena = Arena.ofConfined();
    handle = block.long2();
    end = block.flag1();
    chunks = new MemorySegment[count];
    long size = 0;
    for (int i = 0; i < count; i++) {
      chunks[i] = block.chunk(i, arena);
      size += chunks[i].byteSize();
    }
    byteSize = size;
  }

  static Lease of(Block block) {
    int count = (int) block.long0();
    return count == 0 ? END : new Lease(block, count);
  }

  /** Whether there is nothing in it: the clean end. */
  public boolean isEmpty() {
    return chunks.length == 0;
  }

  /** Whether the clean end comes right after these bytes. */
  public boolean isLast() {
    return end;
  }

  /** The number of chunks, 0 to 32. */
  public int count() {
    return chunks.length;
  }

  /** Chunk {@code index}, in the order of the stream. */
  public MemorySegment chunk(int index) {
    return chunks[index];
  }

  /** The number of bytes of all chunks. */
  public long byteSize() {
    return byteSize;
  }

  /** The chunks in the order of the stream. */
  @Override
  public Iterator<MemorySegment> iterator() {
    return Arrays.asList(chunks).iterator();
  }

  /** Gives the bytes back; no chunk can be read any more. Idempotent. */
  @Override
  public void close() {
    long lease = handle;
    if (lease != 0) {
      // Throws for a wrong thread, before anything is given back.
      arena.close();
      handle = 0;
      NativeStream.freeLease(lease);
    }
  }
}
