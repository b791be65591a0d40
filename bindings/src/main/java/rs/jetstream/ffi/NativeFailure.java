package rs.jetstream.ffi;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import rs.jetstream.ffi.raw.jetstream_error;

/**
 * Why a native call failed, as data.
 *
 * @param status one of {@link NativeStatus}, or a number that this version does not know
 * @param initiator {@link #LOCAL}, {@link #REMOTE} or {@link #NONE}
 * @param code error code of the application or the transport, or errno, as the status says; else 0
 * @param message one clause for people
 */
public record NativeFailure(int status, int initiator, long code, String message) {
  public static final int NONE = 0;
  public static final int LOCAL = 1;
  public static final int REMOTE = 2;

  static NativeFailure read(int status, MemorySegment error) {
    // A call that was refused before its body ran leaves the error of an earlier one behind.
    if (jetstream_error.status(error) != status) {
      return new NativeFailure(status, NONE, 0, "status " + status);
    }
    long length =
        Math.min(jetstream_error.message_len(error), jetstream_error.message(error).byteSize());
    byte[] message = new byte[(int) length];
    MemorySegment.copy(
        jetstream_error.message(error), 0, MemorySegment.ofArray(message), 0, message.length);
    return new NativeFailure(
        status,
        jetstream_error.initiator(error),
        jetstream_error.code(error),
        new String(message, StandardCharsets.UTF_8));
  }
}
