package rs.jetstream.wire;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import rs.jetstream.wire.WireFormatException.Kind;

/**
 * Frames: {@code size[4] type[1] tag[2] payload[size-7]}, the size counting all of it.
 *
 * <p>A stream is cut into frames by {@code rs.jetstream.quic.FrameReader} with {@link #HEADER} as
 * its smallest frame. The methods here take a whole frame, header included.
 */
// r[impl jetstream.rpc.frame]
public final class Frames {
  /** The size of the header, and so of the smallest frame. */
  public static final int HEADER = 7;

  private static final int TYPE = 4;
  private static final int TAG = 5;

  private Frames() {}

  /**
   * Checks that {@code frame} is as long as it says.
   *
   * @throws WireFormatException of kind BAD_FRAME
   */
  public static void check(MemorySegment frame) throws WireFormatException {
    if (frame.byteSize() < HEADER) {
      throw bad("a frame has at least " + HEADER + " bytes, this one " + frame.byteSize());
    }
    long size = frame.get(Layouts.I32, 0) & 0xffff_ffffL;
    if (size != frame.byteSize()) {
      throw bad("the frame says it has " + size + " bytes and has " + frame.byteSize());
    }
  }

  /** The type of a frame of at least {@link #HEADER} bytes. */
  public static int type(MemorySegment frame) {
    return frame.get(JAVA_BYTE, TYPE) & 0xff;
  }

  /** The tag of a frame of at least {@link #HEADER} bytes. */
  public static int tag(MemorySegment frame) {
    return frame.get(Layouts.I16, TAG) & 0xffff;
  }

  /**
   * A reader of the payload; offsets in its failures count the header.
   *
   * @throws WireFormatException as {@link #check}
   */
  public static WireReader payload(MemorySegment frame) throws WireFormatException {
    return payload(frame, WireReader.of(frame));
  }

  /** As {@link #payload(MemorySegment)}, with a reader that is used again. */
  public static WireReader payload(MemorySegment frame, WireReader reader)
      throws WireFormatException {
    check(frame);
    return reader.reset(frame).skipTo(HEADER);
  }

  /**
   * Reads the whole payload as one value.
   *
   * @throws WireFormatException also of kind TRAILING, when the payload is longer than the value
   */
  public static <T extends @Nullable Object> T read(MemorySegment frame, Codec<T> codec)
      throws WireFormatException {
    WireReader reader = payload(frame);
    T value = codec.read(reader);
    reader.finish();
    return value;
  }

  /**
   * Writes a frame where {@code out} stands. When that fails nothing of it is left.
   *
   * @param type 0 to 255
   * @param tag 0 to 65,535
   */
  public static <T extends @Nullable Object> void write(
      WireWriter out, int type, int tag, Codec<T> codec, T payload) throws WireFormatException {
    long start = out.position();
    boolean complete = false;
    try {
      out.writeU32(0);
      out.writeU8(type);
      out.writeU16(tag);
      codec.write(out, payload);
      out.patchU32(start, out.position() - start);
      complete = true;
    } finally {
      if (!complete) {
        out.truncate(start);
      }
    }
  }

  /** The size of the frame that {@link #write} writes. */
  public static <T extends @Nullable Object> long size(Codec<T> codec, T payload)
      throws WireFormatException {
    return HEADER + codec.size(payload);
  }

  private static WireFormatException bad(String reason) {
    return new WireFormatException(Kind.BAD_FRAME, 0, reason);
  }
}
