package rs.jetstream.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.raw.jetstream_chunk;
import rs.jetstream.ffi.raw.jetstream_error;

/**
 * Native memory for the outputs of one call at a time: three numbers, an error, chunks, and a
 * scratch pad.
 *
 * <p>Blocks are carved out of the global arena and come back to a pool, so that no call allocates;
 * there are as many as were ever in use at once. A block belongs to one thread between {@link
 * #take()} and {@link #give()}, or to one direction of a stream, which one thread uses at a time.
 */
public final class Block {
  /** The most chunks that one lease has. */
  public static final int MAX_CHUNKS = 32;

  /** Bytes of {@link #scratch()}: copies of small heap arrays on their way to the native half. */
  public static final int SCRATCH_SIZE = 2048;

  private static final long CHUNK_SIZE = jetstream_chunk.sizeof();
  private static final long CHUNK_DATA = jetstream_chunk.data$offset();
  private static final long CHUNK_LENGTH = jetstream_chunk.len$offset();
  private static final int OUTPUTS_SIZE = 3 * Long.BYTES;
  private static final ConcurrentLinkedQueue<Block> POOL = new ConcurrentLinkedQueue<>();

  final MemorySegment out0;
  final MemorySegment out1;
  final MemorySegment out2;
  final MemorySegment error;

  /** Made when they are needed: who waits for long, for a stream or a connection, never does. */
  private @Nullable MemorySegment chunks;

  private @Nullable MemorySegment scratch;

  private Block() {
    MemorySegment all =
        Arena.global().allocate(OUTPUTS_SIZE + jetstream_error.sizeof(), Long.BYTES);
    out0 = all.asSlice(0, Long.BYTES);
    out1 = all.asSlice(Long.BYTES, Long.BYTES);
    out2 = all.asSlice(2 * Long.BYTES, Long.BYTES);
    error = all.asSlice(OUTPUTS_SIZE, jetstream_error.sizeof());
  }

  /** Takes a block for the calling thread; {@link #give()} returns it. */
  public static Block take() {
    Block block = POOL.poll();
    return block != null ? block : new Block();
  }

  /** Returns the block; it must not be used any more. */
  public void give() {
    POOL.offer(this);
  }

  /** The first output as a 64-bit number. */
  public long long0() {
    return out0.get(JAVA_LONG, 0);
  }

  /** The second output as a 64-bit number. */
  public long long1() {
    return out1.get(JAVA_LONG, 0);
  }

  /** The third output as a 64-bit number. */
  public long long2() {
    return out2.get(JAVA_LONG, 0);
  }

  /** The second output as a flag. */
  public boolean flag1() {
    return out1.get(JAVA_INT, 0) != 0;
  }

  /**
   * The first output as a pointer to {@code size} bytes that stay valid until {@code arena} is
   * closed.
   */
  MemorySegment pointer0(long size, Arena arena) {
    return out0.get(ADDRESS, 0).reinterpret(size, arena, null);
  }

  /**
   * Chunk {@code index} of the last lease, read-only, for as long as {@code arena} is open. The
   * caller keeps the lease for that long.
   */
  public MemorySegment chunk(int index, Arena arena) {
    MemorySegment data = chunks().get(ADDRESS, index * CHUNK_SIZE + CHUNK_DATA);
    return data.reinterpret(chunkSize(index), arena, null).asReadOnly();
  }

  /** The number of bytes of chunk {@code index} of the last lease. */
  public long chunkSize(int index) {
    return chunks().get(JAVA_LONG, index * CHUNK_SIZE + CHUNK_LENGTH);
  }

  /** Where a lease's chunks are told. */
  MemorySegment chunks() {
    MemorySegment told = chunks;
    if (told == null) {
      chunks = told = Arena.global().allocate(MAX_CHUNKS * CHUNK_SIZE, 64);
    }
    return told;
  }

  /** Memory of the block for the caller's own use between two calls. */
  public MemorySegment scratch() {
    MemorySegment pad = scratch;
    if (pad == null) {
      scratch = pad = Arena.global().allocate(SCRATCH_SIZE, 64);
    }
    return pad;
  }

  /** Why the last call failed with {@code status}. */
  public NativeFailure failure(int status) {
    return NativeFailure.read(status, error);
  }
}
