package rs.jetstream.wire;

import java.io.IOException;
import java.io.Serial;

/**
 * Bytes that are no value of the expected type, or a value that has no encoding.
 *
 * <p>{@link #kind()} is for programs, the message for people. Text of the peer is never part of the
 * message.
 */
public final class WireFormatException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  /** What is wrong. */
  public enum Kind {
    /** The input ends before the value does. */
    TRUNCATED,
    /** Bytes are left after the value. */
    TRAILING,
    /** The size of a frame is below its header, over the limit, or not the size received. */
    BAD_FRAME,
    /** The message type is unknown, or travels in the other direction. */
    BAD_TYPE,
    /** A byte that is neither true nor false. */
    BAD_BOOL,
    /** A byte that says neither that a value is absent nor that it is present. */
    BAD_OPTION,
    /** An index with no variant. */
    BAD_VARIANT,
    /** Text that is not UTF-8; when written: a lone surrogate. */
    BAD_TEXT,
    /** An address of an unknown family; when written: one that has no octets. */
    BAD_ADDRESS,
    /** Text that is not an absolute URL. */
    BAD_URL,
    /** Text that is not a version of a JetStream service. */
    BAD_VERSION,
    /** A reference into a table that has no such entry. */
    BAD_INDEX,
    /** Longer than the type allows. */
    TOO_LONG,
    /** Nested deeper than the limit. */
    TOO_DEEP,
    /** When written: a number or a time that the type cannot carry. */
    OUT_OF_RANGE,
    /** When written: more bytes than there is room for. */
    TOO_LARGE,
    /** When written: a collection that changed meanwhile. */
    BAD_VALUE,
    /** The constructor of the value's class, or a codec that is not ours, refused it. */
    REFUSED
  }

  private final Kind kind;
  private final long offset;

  /**
   * Says that something is wrong at {@code offset}.
   *
   * @param offset from the first byte of the frame or of the segment, header counted
   */
  public WireFormatException(Kind kind, long offset, String reason) {
    super(reason + " (" + kind + " at byte " + offset + ")");
    this.kind = kind;
    this.offset = offset;
  }

  /** As {@link #WireFormatException(Kind, long, String)}, with what led to it. */
  public WireFormatException(Kind kind, long offset, String reason, Throwable cause) {
    this(kind, offset, reason);
    initCause(cause);
  }

  /** What is wrong. */
  public Kind kind() {
    return kind;
  }

  /** Where, from the first byte of what was read or written. */
  public long offset() {
    return offset;
  }
}
