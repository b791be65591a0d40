package rs.jetstream.wire;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import rs.jetstream.wire.WireFormatException.Kind;

/**
 * Writes values to memory, one after the other.
 *
 * <p>Either to memory of a fixed size, as a claim of a stream, or to an array that grows with what
 * is written up to a limit and is used again after {@link #clear}. Every value is checked before
 * its first byte is written; a value that fails half-way is cut off with {@link #truncate}. One
 * thread.
 */
public final class WireWriter {
  /** The most bytes of a text, and the most elements of a collection. */
  public static final int MAX_COUNT = 0xffff;

  private static final int FIRST_CAPACITY = 256;

  /** Null when bytes are only counted. */
  private @Nullable MemorySegment segment;

  /** The array behind the segment, where this writer made it. */
  private byte @Nullable [] array;

  private final long limit;
  private long capacity;
  private long position;
  private int depth;
  private int maxDepth = WireReader.DEFAULT_MAX_DEPTH;

  private WireWriter(@Nullable MemorySegment segment, long capacity, long limit) {
    this.segment = segment;
    this.capacity = capacity;
    this.limit = limit;
  }

  /** Writes to {@code segment}, from its first byte on. */
  public static WireWriter to(MemorySegment segment) {
    return new WireWriter(segment, segment.byteSize(), segment.byteSize());
  }

  /** Writes from the buffer's position to its limit, and moves neither. */
  public static WireWriter to(ByteBuffer buffer) {
    return to(MemorySegment.ofBuffer(buffer));
  }

  /** Writes to an array of its own, which grows up to {@code limit} bytes. */
  public static WireWriter growing(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit is " + limit + ", must not be negative");
    }
    return new WireWriter(MemorySegment.NULL, 0, limit);
  }

  /** Writes nothing and counts the bytes. */
  public static WireWriter counting() {
    return new WireWriter(null, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  /** Limits how deep values may be nested; a reader with a lower limit refuses them. */
  public WireWriter maxDepth(int levels) {
    if (levels < 1) {
      throw new IllegalArgumentException("levels is " + levels + ", must be at least 1");
    }
    maxDepth = levels;
    return this;
  }

  /** The number of bytes that were written. */
  public long position() {
    return position;
  }

  /** What was written: a view that the next write may outdate. */
  public MemorySegment written() {
    MemorySegment to = segment;
    if (to == null) {
      throw new IllegalStateException("a counting writer keeps no bytes");
    }
    return to.asSlice(0, position);
  }

  /** A copy of what was written. */
  public byte[] toByteArray() {
    return written().toArray(JAVA_BYTE);
  }

  /** Forgets what was written, and keeps the memory. */
  public void clear() {
    truncate(0);
  }

  /** Forgets what was written from {@code newPosition} on. */
  public void truncate(long newPosition) {
    if (newPosition < 0 || newPosition > position) {
      throw new IllegalArgumentException(
          "newPosition is " + newPosition + ", must be from 0 to " + position);
    }
    position = newPosition;
    depth = 0;
  }

  /** Writes an unsigned number of one byte, 0 to 255. */
  public void writeU8(int value) throws WireFormatException {
    if ((value & ~0xff) != 0) {
      throw outOfRange("u8", value);
    }
    writeByte(value);
  }

  /** Writes an unsigned number of two bytes, 0 to 65,535. */
  public void writeU16(int value) throws WireFormatException {
    if ((value & ~0xffff) != 0) {
      throw outOfRange("u16", value);
    }
    writeI16((short) value);
  }

  /** Writes an unsigned number of four bytes, 0 to 4,294,967,295. */
  public void writeU32(long value) throws WireFormatException {
    if ((value & ~0xffff_ffffL) != 0) {
      throw outOfRange("u32", value);
    }
    writeI32((int) value);
  }

  /** Writes an unsigned number of eight bytes: negative ones stand for 2^63 and more. */
  public void writeU64(long value) throws WireFormatException {
    writeI64(value);
  }

  /** Writes an unsigned number of sixteen bytes. */
  public void writeU128(UInt128 value) throws WireFormatException {
    write128(value.high(), value.low());
  }

  /** Writes a signed number of two bytes. */
  public void writeI16(short value) throws WireFormatException {
    put16(take(2), value);
  }

  /** Writes a signed number of four bytes. */
  public void writeI32(int value) throws WireFormatException {
    put32(take(4), value);
  }

  /** Writes a signed number of eight bytes. */
  public void writeI64(long value) throws WireFormatException {
    put64(take(8), value);
  }

  /** Writes a signed number of sixteen bytes. */
  public void writeI128(Int128 value) throws WireFormatException {
    write128(value.high(), value.low());
  }

  private void write128(long high, long low) throws WireFormatException {
    long at = take(16);
    put64(at, low);
    put64(at + 8, high);
  }

  /** Writes a floating-point number of four bytes, its bits as they are. */
  public void writeF32(float value) throws WireFormatException {
    writeI32(Float.floatToRawIntBits(value));
  }

  /** Writes a floating-point number of eight bytes, its bits as they are. */
  public void writeF64(double value) throws WireFormatException {
    writeI64(Double.doubleToRawLongBits(value));
  }

  /** Writes a boolean. */
  public void writeBool(boolean value) throws WireFormatException {
    writeByte(value ? 1 : 0);
  }

  /** Writes whether an optional value is there; the value follows when it is. */
  public void writePresent(boolean present) throws WireFormatException {
    writeByte(present ? 1 : 0);
  }

  /** Writes the index of a variant. */
  public void writeVariant(int index) throws WireFormatException {
    writeU8(index);
  }

  /** Writes the number of elements of a collection, at most {@link #MAX_COUNT}. */
  public void writeCount(int count) throws WireFormatException {
    if (count > MAX_COUNT) {
      throw tooLong("a collection of " + count + " elements is over " + MAX_COUNT);
    }
    writeU16(count);
  }

  /** Writes text of at most {@link #MAX_COUNT} bytes of UTF-8. */
  public void writeString(String value) throws WireFormatException {
    int chars = value.length();
    if (chars > MAX_COUNT) {
      throw tooLong("a text of " + chars + " characters or more bytes is over " + MAX_COUNT);
    }
    int length = Utf8.length(value);
    if (length < 0) {
      throw failure(
          Kind.BAD_TEXT, "the text has half of a surrogate pair at index " + (-1 - length));
    }
    if (length > MAX_COUNT) {
      throw tooLong("a text of " + length + " bytes is over " + MAX_COUNT);
    }
    long at = take(2 + length);
    put16(at, (short) length);
    byte[] own = array;
    if (own != null && length == chars) {
      ascii(value, own, (int) at + 2);
    } else if (segment != null) {
      Utf8.encode(value, segment, at + 2);
    }
  }

  @SuppressWarnings("deprecation") // drops the upper byte of each character: they have none
  private static void ascii(String value, byte[] to, int at) {
    value.getBytes(0, value.length(), to, at);
  }

  /** Writes {@code Vec<u8>}: at most {@link #MAX_COUNT} bytes. */
  public void writeBytes(MemorySegment value) throws WireFormatException {
    if (value.byteSize() > MAX_COUNT) {
      throw tooLong(value.byteSize() + " bytes are over " + MAX_COUNT + ": carry them as data");
    }
    long at = take(2 + value.byteSize());
    if (segment != null) {
      put16(at, (short) value.byteSize());
      MemorySegment.copy(value, 0, segment, at + 2, value.byteSize());
    }
  }

  /** Writes {@code Data}: at most {@link WireReader#MAX_DATA} bytes. */
  public void writeData(MemorySegment value) throws WireFormatException {
    if (value.byteSize() > WireReader.MAX_DATA) {
      throw tooLong("data of " + value.byteSize() + " bytes is over " + WireReader.MAX_DATA);
    }
    long at = take(4 + value.byteSize());
    if (segment != null) {
      put32(at, (int) value.byteSize());
      MemorySegment.copy(value, 0, segment, at + 4, value.byteSize());
    }
  }

  /** Writes {@code bytes} as they are, without a length. */
  public void writeFully(byte[] bytes) throws WireFormatException {
    long at = take(bytes.length);
    if (segment != null) {
      MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, at, bytes.length);
    }
  }

  /**
   * Goes one level deeper; a codec of a type that holds other values calls it, and {@link #leave}.
   */
  public void enter() throws WireFormatException {
    if (++depth > maxDepth) {
      throw failure(Kind.TOO_DEEP, "values are nested deeper than " + maxDepth + " levels");
    }
  }

  /** Comes back from {@link #enter}; not needed when an exception ends the writing. */
  public void leave() {
    depth--;
  }

  /** What a codec throws that cannot write a value. */
  public WireFormatException failure(Kind kind, String reason) {
    return new WireFormatException(kind, position, reason);
  }

  /** Writes over four bytes that were written before. */
  void patchU32(long at, long value) {
    put32(at, (int) value);
  }

  private void writeByte(int value) throws WireFormatException {
    long at = take(1);
    byte[] own = array;
    if (own != null) {
      own[(int) at] = (byte) value;
    } else if (segment != null) {
      segment.set(JAVA_BYTE, at, (byte) value);
    }
  }

  // An array of one's own is written without the checks of a segment: a list of numbers in less
  // than half of the time.

  private void put16(long at, short value) {
    byte[] own = array;
    if (own != null) {
      Layouts.SHORTS.set(own, (int) at, value);
    } else if (segment != null) {
      segment.set(Layouts.I16, at, value);
    }
  }

  private void put32(long at, int value) {
    byte[] own = array;
    if (own != null) {
      Layouts.INTS.set(own, (int) at, value);
    } else if (segment != null) {
      segment.set(Layouts.I32, at, value);
    }
  }

  private void put64(long at, long value) {
    byte[] own = array;
    if (own != null) {
      Layouts.LONGS.set(own, (int) at, value);
    } else if (segment != null) {
      segment.set(Layouts.I64, at, value);
    }
  }

  private long take(long bytes) throws WireFormatException {
    long at = position;
    if (bytes > capacity - at) {
      grow(at + bytes);
    }
    position = at + bytes;
    return at;
  }

  private void grow(long needed) throws WireFormatException {
    if (needed > limit) {
      throw failure(
          Kind.TOO_LARGE, needed + " bytes or more are to be written, the limit is " + limit);
    }
    long size = Math.min(limit, Math.max(needed, Math.max(FIRST_CAPACITY, 2 * capacity)));
    byte[] larger = new byte[(int) size];
    byte[] old = array;
    if (old != null) {
      System.arraycopy(old, 0, larger, 0, (int) position);
    }
    array = larger;
    segment = MemorySegment.ofArray(larger);
    capacity = size;
  }

  private WireFormatException tooLong(String reason) {
    return failure(Kind.TOO_LONG, reason);
  }

  private WireFormatException outOfRange(String type, long value) {
    return failure(Kind.OUT_OF_RANGE, value + " is no " + type);
  }
}
