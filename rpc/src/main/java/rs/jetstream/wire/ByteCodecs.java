package rs.jetstream.wire;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Runs of bytes, with two or four bytes of length. */
final class ByteCodecs {
  static final KeyCodec<MemorySegment> DATA =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, MemorySegment value) throws WireFormatException {
          out.writeData(value);
        }

        @Override
        public MemorySegment read(WireReader in) throws WireFormatException {
          return in.readData();
        }

        @Override
        public int compare(MemorySegment a, MemorySegment b) {
          return ByteCodecs.compare(a, b);
        }
      };

  static final KeyCodec<byte[]> DATA_ARRAY =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, byte[] value) throws WireFormatException {
          out.writeData(MemorySegment.ofArray(value));
        }

        @Override
        public byte[] read(WireReader in) throws WireFormatException {
          return in.readDataBytes();
        }

        @Override
        public int compare(byte[] a, byte[] b) {
          return Arrays.compareUnsigned(a, b);
        }
      };

  static final KeyCodec<ByteBuffer> DATA_BUFFER =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, ByteBuffer value) throws WireFormatException {
          out.writeData(MemorySegment.ofBuffer(value));
        }

        @Override
        public ByteBuffer read(WireReader in) throws WireFormatException {
          return in.readData().asByteBuffer();
        }

        @Override
        public int compare(ByteBuffer a, ByteBuffer b) {
          return ByteCodecs.compare(MemorySegment.ofBuffer(a), MemorySegment.ofBuffer(b));
        }
      };

  static final KeyCodec<MemorySegment> BYTES =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, MemorySegment value) throws WireFormatException {
          out.writeBytes(value);
        }

        @Override
        public MemorySegment read(WireReader in) throws WireFormatException {
          return MemorySegment.ofArray(in.readBytes()).asReadOnly();
        }

        @Override
        public int compare(MemorySegment a, MemorySegment b) {
          return ByteCodecs.compare(a, b);
        }
      };

  static final KeyCodec<byte[]> BYTES_ARRAY =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, byte[] value) throws WireFormatException {
          out.writeBytes(MemorySegment.ofArray(value));
        }

        @Override
        public byte[] read(WireReader in) throws WireFormatException {
          return in.readBytes();
        }

        @Override
        public int compare(byte[] a, byte[] b) {
          return Arrays.compareUnsigned(a, b);
        }
      };

  static final KeyCodec<ByteBuffer> BYTES_BUFFER =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, ByteBuffer value) throws WireFormatException {
          out.writeBytes(MemorySegment.ofBuffer(value));
        }

        @Override
        public ByteBuffer read(WireReader in) throws WireFormatException {
          return ByteBuffer.wrap(in.readBytes()).asReadOnlyBuffer();
        }

        @Override
        public int compare(ByteBuffer a, ByteBuffer b) {
          return ByteCodecs.compare(MemorySegment.ofBuffer(a), MemorySegment.ofBuffer(b));
        }
      };

  private ByteCodecs() {}

  private static int compare(MemorySegment a, MemorySegment b) {
    long at = a.mismatch(b);
    if (at < 0) {
      return 0;
    }
    if (at >= a.byteSize() || at >= b.byteSize()) {
      return Long.compare(a.byteSize(), b.byteSize());
    }
    return Byte.compareUnsigned(a.get(JAVA_BYTE, at), b.get(JAVA_BYTE, at));
  }
}
