package rs.jetstream.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import rs.jetstream.ffi.raw.jetstream_h;

/**
 * Checked calls on streams, leases and claims.
 *
 * <p>Each answers a {@link NativeStatus} and leaves its outputs in the block. One thread at a time
 * per direction.
 */
public final class NativeStream {
  /** Finish the sending direction when all bytes were taken. */
  public static final int FINISH = 1;

  /** Operation of {@link Wakeable#wake}: there is something to receive. */
  public static final int WAKE_RECEIVE = 0;

  /** Operation of {@link Wakeable#wake}: there is room to send, or the flush has an answer. */
  public static final int WAKE_SEND = 1;

  private NativeStream() {}

  /** Sends a copy of what there is room for; {@link Block#long0()} is how much that was. */
  public static int pollSend(long stream, MemorySegment data, int flags, Block block) {
    Call.nativeMemory(data, "data");
    try {
      return jetstream_h.jetstream_stream_poll_send(
          stream, data, data.byteSize(), flags, block.out0, block.error);
    } catch (AssertionError e) {
      throw Call.unwrap(e);
    }
  }

  /** Ends the sending direction cleanly. */
  public static int finish(long stream, Block block) {
    return jetstream_h.jetstream_stream_finish(stream, block.error);
  }

  /** Ready when the peer has acknowledged all that was sent. */
  public static int pollFlush(long stream, Block block) {
    return jetstream_h.jetstream_stream_poll_flush(stream, block.error);
  }

  /** Ends the sending direction abruptly. The waiter of this side is the caller's to wake. */
  public static int reset(long stream, long code, Block block) {
    return jetstream_h.jetstream_stream_reset(stream, code, block.error);
  }

  /** Ends the receiving direction. The waiter of this side is the caller's to wake. */
  public static int stopSending(long stream, long code, Block block) {
    return jetstream_h.jetstream_stream_stop_sending(stream, code, block.error);
  }

  /**
   * Receives a copy into {@code target}; {@link Block#long0()} is the number of bytes, {@link
   * Block#flag1()} the clean end.
   */
  public static int pollReceiveCopy(long stream, MemorySegment target, Block block) {
    Call.nativeMemory(target, "target");
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("target is read-only");
    }
    try {
      return jetstream_h.jetstream_stream_poll_receive_copy(
          stream, target, target.byteSize(), block.out0, block.out1, block.error);
    } catch (AssertionError e) {
      throw Call.unwrap(e);
    }
  }

  /**
   * Leases up to {@link Block#MAX_CHUNKS} received chunks; {@link Block#long0()} is their number,
   * {@link Block#flag1()} the clean end, {@link Block#long2()} the lease, 0 without chunks.
   */
  public static int pollReceive(long stream, int maxChunks, Block block) {
    return jetstream_h.jetstream_stream_poll_receive(
        stream,
        block.chunks(),
        Math.min(maxChunks, Block.MAX_CHUNKS),
        block.out0,
        block.out1,
        block.out2,
        block.error);
  }

  /** Gives a lease back. Twice does nothing. */
  public static void freeLease(long lease) {
    int ignored = jetstream_h.jetstream_lease_free(lease);
  }

  /** Claims {@code size} bytes; {@link #claimed} is the memory, {@link Block#long1()} the claim. */
  public static int claim(long stream, long size, Block block) {
    return jetstream_h.jetstream_stream_claim(stream, size, block.out0, block.out1, block.error);
  }

  /** The memory of the claim that was just made, writable for as long as {@code arena} is open. */
  public static MemorySegment claimed(long size, Arena arena, Block block) {
    return block.pointer0(size, arena);
  }

  /** Sends the first {@code size} bytes of a claim and consumes it. */
  public static int pollCommit(long stream, long claim, long size, int flags, Block block) {
    return jetstream_h.jetstream_stream_poll_commit(stream, claim, size, flags, block.error);
  }

  /** Gives a claim back unsent. Twice, or after its commit, does nothing. */
  public static void freeClaim(long claim) {
    int ignored = jetstream_h.jetstream_claim_free(claim);
  }

  /** Gives the stream's number back; what was not finished is reset. Twice does nothing. */
  public static void free(long stream) {
    int ignored = jetstream_h.jetstream_stream_free(stream);
  }
}
