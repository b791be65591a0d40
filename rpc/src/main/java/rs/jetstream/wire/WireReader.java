package rs.jetstream.wire;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import rs.jetstream.wire.WireFormatException.Kind;

/**
 * Reads values from memory, one after the other, and never past its end.
 *
 * <p>Nothing is allocated but what is returned. What declares a length is checked against the bytes
 * that are there before it is allocated. One thread; {@link #reset} makes it ready for other bytes.
 */
// r[impl security.1.23]
// r[impl security.1.24]
public final class WireReader {
  /** How deep values may be nested unless {@link #maxDepth} says otherwise. */
  public static final int DEFAULT_MAX_DEPTH = 128;

  /** The most bytes of a value of type {@code Data}: 32 MiB. */
  public static final int MAX_DATA = 32 << 20;

  private MemorySegment segment;

  /** The array behind the segment where there is one that may be read: saves a copy of text. */
  private byte @Nullable [] array;

  private long position;
  private long limit;
  private int depth;
  private int maxDepth = DEFAULT_MAX_DEPTH;
  private boolean lending;
  private byte[] scratch = Utf8.NOTHING;

  private WireReader(MemorySegment segment) {
    this.segment = segment;
    reset(segment);
  }

  /** Reads {@code segment} from its first byte to its last. */
  public static WireReader of(MemorySegment segment) {
    return new WireReader(segment);
  }

  /** Reads {@code bytes}. */
  public static WireReader of(byte[] bytes) {
    return new WireReader(MemorySegment.ofArray(bytes));
  }

  /** Reads from the buffer's position to its limit, and moves neither. */
  public static WireReader of(ByteBuffer buffer) {
    return new WireReader(MemorySegment.ofBuffer(buffer));
  }

  /** Starts again, with the bytes of {@code newSegment}. */
  public WireReader reset(MemorySegment newSegment) {
    segment = newSegment;
    array =
        newSegment.heapBase().orElse(null) instanceof byte[] bytes && bytes.length > 0
            ? bytes
            : null;
    position = 0;
    limit = newSegment.byteSize();
    depth = 0;
    return this;
  }

  /**
   * Whether {@link #readData} gives slices of the segment, valid as long as the segment is, instead
   * of copies.
   */
  public WireReader lending(boolean slices) {
    lending = slices;
    return this;
  }

  /** Limits how deep values may be nested. */
  public WireReader maxDepth(int levels) {
    if (levels < 1) {
      throw new IllegalArgumentException("levels is " + levels + ", must be at least 1");
    }
    maxDepth = levels;
    return this;
  }

  /** The number of bytes that were read. */
  public long position() {
    return position;
  }

  /** The number of bytes that were not read yet. */
  public long remaining() {
    return limit - position;
  }

  /** Reads an unsigned number of one byte. */
  public int readU8() throws WireFormatException {
    return segment.get(JAVA_BYTE, take(1)) & 0xff;
  }

  /** Reads an unsigned number of two bytes. */
  public int readU16() throws WireFormatException {
    return segment.get(Layouts.I16, take(2)) & 0xffff;
  }

  /** Reads an unsigned number of four bytes. */
  public long readU32() throws WireFormatException {
    return segment.get(Layouts.I32, take(4)) & 0xffff_ffffL;
  }

  /** Reads an unsigned number of eight bytes: negative from 2^63 on. */
  public long readU64() throws WireFormatException {
    return segment.get(Layouts.I64, take(8));
  }

  /** Reads an unsigned number of sixteen bytes. */
  public UInt128 readU128() throws WireFormatException {
    long at = take(16);
    return new UInt128(segment.get(Layouts.I64, at + 8), segment.get(Layouts.I64, at));
  }

  /** Reads a signed number of two bytes. */
  public short readI16() throws WireFormatException {
    return segment.get(Layouts.I16, take(2));
  }

  /** Reads a signed number of four bytes. */
  public int readI32() throws WireFormatException {
    return segment.get(Layouts.I32, take(4));
  }

  /** Reads a signed number of eight bytes. */
  public long readI64() throws WireFormatException {
    return segment.get(Layouts.I64, take(8));
  }

  /** Reads a signed number of sixteen bytes. */
  public Int128 readI128() throws WireFormatException {
    long at = take(16);
    return new Int128(segment.get(Layouts.I64, at + 8), segment.get(Layouts.I64, at));
  }

  /** Reads a floating-point number of four bytes; the bits of a NaN survive. */
  public float readF32() throws WireFormatException {
    return segment.get(Layouts.F32, take(4));
  }

  /** Reads a floating-point number of eight bytes; the bits of a NaN survive. */
  public double readF64() throws WireFormatException {
    return segment.get(Layouts.F64, take(8));
  }

  /** Reads a boolean: 0 or 1 and nothing else. */
  public boolean readBool() throws WireFormatException {
    int value = readU8();
    if (value > 1) {
      throw failure(Kind.BAD_BOOL, position - 1, "a boolean is 0 or 1, not " + value);
    }
    return value == 1;
  }

  /** Reads whether an optional value is there: 0 or 1 and nothing else. */
  public boolean readPresent() throws WireFormatException {
    int value = readU8();
    if (value > 1) {
      throw failure(Kind.BAD_OPTION, position - 1, "an option begins with 0 or 1, not " + value);
    }
    return value == 1;
  }

  /** Reads the index of a variant, below {@code count}. */
  public int readVariant(int count) throws WireFormatException {
    int index = readU8();
    if (index >= count) {
      throw failure(Kind.BAD_VARIANT, position - 1, "there is no variant " + index);
    }
    return index;
  }

  /** Reads the number of elements of a collection. */
  public int readCount() throws WireFormatException {
    return readU16();
  }

  /** Reads text: its length in bytes, then UTF-8 of the strict kind. */
  public String readString() throws WireFormatException {
    int length = readU16();
    long at = take(length);
    if (length == 0) {
      return "";
    }
    byte[] bytes = array;
    int start;
    if (bytes != null) {
      start = (int) (segment.address() + at);
    } else {
      bytes = scratch(length);
      start = 0;
      MemorySegment.copy(segment, JAVA_BYTE, at, bytes, 0, length);
    }
    int bad = Utf8.firstBad(bytes, start, start + length);
    if (bad >= 0) {
      throw failure(Kind.BAD_TEXT, at + bad - start, "the text is not UTF-8");
    }
    return Utf8.decode(bytes, start, length);
  }

  /** Reads {@code Vec<u8>}: two bytes of length, then the bytes. */
  public byte[] readBytes() throws WireFormatException {
    return copy(readU16());
  }

  /** Reads {@code Data} as an array: four bytes of length, then the bytes. */
  public byte[] readDataBytes() throws WireFormatException {
    return copy(readDataLength());
  }

  /**
   * Reads {@code Data}, read-only: a copy, or with {@link #lending} a slice.
   *
   * <p>A slice is valid as long as the memory that is read: for a frame, until the next one is
   * taken.
   */
  public MemorySegment readData() throws WireFormatException {
    int length = readDataLength();
    if (lending) {
      return segment.asSlice(take(length), length).asReadOnly();
    }
    return MemorySegment.ofArray(copy(length)).asReadOnly();
  }

  /** Reads exactly as many bytes as {@code into} has. */
  public void readFully(byte[] into) throws WireFormatException {
    MemorySegment.copy(segment, JAVA_BYTE, take(into.length), into, 0, into.length);
  }

  private int readDataLength() throws WireFormatException {
    long length = readU32();
    if (length > MAX_DATA) {
      throw failure(
          Kind.TOO_LONG, position - 4, "data of " + length + " bytes is over " + MAX_DATA);
    }
    return (int) length;
  }

  private byte[] copy(int length) throws WireFormatException {
    long at = take(length);
    byte[] bytes = new byte[length];
    MemorySegment.copy(segment, JAVA_BYTE, at, bytes, 0, length);
    return bytes;
  }

  private byte[] scratch(int length) {
    if (scratch.length < length) {
      scratch = new byte[Math.max(length, 256)];
    }
    return scratch;
  }

  /**
   * Goes one level deeper; a codec of a type that holds other values calls it, and {@link #leave}.
   */
  public void enter() throws WireFormatException {
    if (++depth > maxDepth) {
      throw failure(
          Kind.TOO_DEEP, position, "values are nested deeper than " + maxDepth + " levels");
    }
  }

  /** Comes back from {@link #enter}; not needed when an exception ends the reading. */
  public void leave() {
    depth--;
  }

  /** Checks that everything was read. */
  public void finish() throws WireFormatException {
    if (position != limit) {
      throw failure(
          Kind.TRAILING, position, (limit - position) + " bytes are left after the value");
    }
  }

  /** What a codec throws that finds something wrong with the bytes it has just read. */
  public WireFormatException failure(Kind kind, String reason) {
    return failure(kind, position, reason);
  }

  /** What generated code throws when a constructor refuses what was read. */
  public WireFormatException refused(Class<?> type, RuntimeException cause) {
    return new WireFormatException(
        Kind.REFUSED, position, type.getName() + " refuses what was read", cause);
  }

  private static WireFormatException failure(Kind kind, long offset, String reason) {
    return new WireFormatException(kind, offset, reason);
  }

  private long take(int bytes) throws WireFormatException {
    long at = position;
    if (bytes > limit - at) {
      throw failure(
          Kind.TRUNCATED, at, bytes + " bytes are needed, " + (limit - at) + " are there");
    }
    position = at + bytes;
    return at;
  }

  /** Starts at {@code offset}, after the header of a frame that was checked. */
  WireReader skipTo(long offset) {
    position = offset;
    return this;
  }
}
