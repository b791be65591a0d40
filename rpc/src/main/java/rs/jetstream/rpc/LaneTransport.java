package rs.jetstream.rpc;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.FrameHandler;

/**
 * What carries the frames of one lane, in order, both ways.
 *
 * <p>One thread receives and one at a time sends; the rest is for any thread.
 */
interface LaneTransport {
  /**
   * The next frame, waiting for it; null at the clean end. Read-only, and valid until the next
   * call.
   */
  @Nullable MemorySegment next() throws IOException;

  /**
   * As {@link #next()}; what comes while it waits may be offered to {@code handler} first, on a
   * thread that must not wait.
   */
  default @Nullable MemorySegment next(FrameHandler handler) throws IOException {
    return next();
  }

  /** Gives back the last frame; the receiving thread's last call. */
  void doneReceiving();

  /** Sends as much of {@code frames}, whole frames, as there is room for, and says how much. */
  long trySend(MemorySegment frames) throws IOException;

  /** Sends all of {@code frames}, waiting for room, but not without end. */
  void send(MemorySegment frames) throws IOException;

  /** Ends this side's direction cleanly. */
  void finish() throws IOException;

  /** Waits, but not for long, until the peer has all that was sent, the end included. */
  void flush() throws IOException;

  /** Receives no more, and asks the peer to send no more; {@link #next} under way fails. */
  void stop();

  /** Ends what was not ended, abruptly. Idempotent. */
  void close();
}
