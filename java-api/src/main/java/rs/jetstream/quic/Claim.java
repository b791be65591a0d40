package rs.jetstream.quic;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import rs.jetstream.ffi.NativeStream;

/**
 * Native memory to write, which is then sent without a copy.
 *
 * <p>Confined to the thread that claimed it. {@link #close()} without a commit gives it back
 * unsent.
 *
 * {@snippet :
 * try (Claim claim = stream.claim(size)) {
 *   encode(claim.segment());
 *   claim.commit();
 * }
 * }
 */
public final class Claim implements AutoCloseable {
  private final AbstractStream stream;
  private final long handle;
  private final Arena arena;
  private final MemorySegment segment;
  private boolean open = true;

  Claim(AbstractStream stream, long handle, Arena arena, MemorySegment segment) {
    this.stream = stream;
    this.handle = handle;
    this.arena = arena;
    this.segment = segment;
  }

  /** The memory, zeroed, for writing until the claim is committed or closed. */
  public MemorySegment segment() {
    return segment;
  }

  /** Sends all of it. As {@link #commit(long)}. */
  public void commit() throws IOException {
    commit(segment.byteSize());
  }

  /**
   * Sends the first {@code size} bytes, waiting while there is no room. Ends the claim, also when
   * it fails.
   *
   * @throws IOException as {@link SendStream#send(MemorySegment)}
   */
  public void commit(long size) throws IOException {
    commit(size, 0);
  }

  /** Sends the first {@code size} bytes and finishes the direction. As {@link #commit(long)}. */
  public void commitAndFinish(long size) throws IOException {
    commit(size, NativeStream.FINISH);
  }

  private void commit(long size, int flags) throws IOException {
    if (size < 0 || size > segment.byteSize()) {
      throw new IllegalArgumentException(
          "size is " + size + ", the claim has " + segment.byteSize() + " bytes");
    }
    if (!open) {
      throw new IllegalStateException("the claim was committed or closed before");
    }
    // From here on nobody in Java can write what is being sent.
    arena.close();
    open = false;
    boolean sent = false;
    try {
      stream.commit(handle, size, flags);
      sent = true;
    } finally {
      if (!sent) {
        NativeStream.freeClaim(handle);
      }
    }
  }

  /** Gives the memory back unsent. Idempotent; after a commit it does nothing. */
  @Override
  public void close() {
    if (open) {
      arena.close();
      open = false;
      NativeStream.freeClaim(handle);
    }
  }
}
