package rs.jetstream.wire;

import java.time.Instant;
import rs.jetstream.wire.WireFormatException.Kind;

/** Values of one part. */
final class ScalarCodecs {
  static final KeyCodec<Unit> UNIT =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, Unit value) throws WireFormatException {
          // no bytes
        }

        @Override
        public Unit read(WireReader in) throws WireFormatException {
          return Unit.INSTANCE;
        }

        @Override
        public int compare(Unit a, Unit b) {
          return a.compareTo(b);
        }
      };

  static final KeyCodec<Boolean> BOOL =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, Boolean value) throws WireFormatException {
          out.writeBool(value);
        }

        @Override
        public Boolean read(WireReader in) throws WireFormatException {
          return in.readBool();
        }

        @Override
        public int compare(Boolean a, Boolean b) {
          return Boolean.compare(a, b);
        }
      };

  static final KeyCodec<Integer> U8 =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, Integer value) throws WireFormatException {
          out.writeU8(value);
        }

        @Override
        public Integer read(WireReader in) throws WireFormatException {
          return in.readU8();
        }

        @Override
        public int compare(Integer a, Integer b) {
          return Integer.compare(a, b);
        }
      };

  static final KeyCodec<Integer> U16 =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, Integer value) throws WireFormatException {
          out.writeU16(value);
        }

        @Override
        public Integer read(WireReader in) throws WireFormatException {
          return in.readU16();
        }

        @Override
        public int compare(Integer a, Integer b) {
          return Integer.compare(a, b);
        }
      };

  static final KeyCodec<Long> U32 =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, Long value) throws WireFormatException {
          out.writeU32(value);
        }

        @Override
        public Long read(WireReader in) throws WireFormatException {
          return in.readU32();
        }

        @Override
        public int compare(Long a, Long b) {
          return Long.compare(a, b);
        }
      };

  static final KeyCodec<Long> U64 =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, Long value) throws WireFormatException {
          out.writeU64(value);
        }

        @Override
        public Long read(WireReader in) throws WireFormatException {
          return in.readU64();
        }

        @Override
        public int compare(Long a, Long b) {
          return Long.compareUnsigned(a, b);
        }
      };

  static final KeyCodec<UInt128> U128 =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, UInt128 value) throws WireFormatException {
          out.writeU128(value);
        }

        @Override
        public UInt128 read(WireReader in) throws WireFormatException {
          return in.readU128();
        }

        @Override
        public int compare(UInt128 a, UInt128 b) {
          return a.compareTo(b);
        }
      };

  static final KeyCodec<Short> I16 =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, Short value) throws WireFormatException {
          out.writeI16(value);
        }

        @Override
        public Short read(WireReader in) throws WireFormatException {
          return in.readI16();
        }

        @Override
        public int compare(Short a, Short b) {
          return Short.compare(a, b);
        }
      };

  static final KeyCodec<Integer> I32 =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, Integer value) throws WireFormatException {
          out.writeI32(value);
        }

        @Override
        public Integer read(WireReader in) throws WireFormatException {
          return in.readI32();
        }

        @Override
        public int compare(Integer a, Integer b) {
          return Integer.compare(a, b);
        }
      };

  static final KeyCodec<Long> I64 =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, Long value) throws WireFormatException {
          out.writeI64(value);
        }

        @Override
        public Long read(WireReader in) throws WireFormatException {
          return in.readI64();
        }

        @Override
        public int compare(Long a, Long b) {
          return Long.compare(a, b);
        }
      };

  static final KeyCodec<Int128> I128 =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, Int128 value) throws WireFormatException {
          out.writeI128(value);
        }

        @Override
        public Int128 read(WireReader in) throws WireFormatException {
          return in.readI128();
        }

        @Override
        public int compare(Int128 a, Int128 b) {
          return a.compareTo(b);
        }
      };

  static final Codec<Float> F32 =
      new Codec<>() {
        @Override
        public void write(WireWriter out, Float value) throws WireFormatException {
          out.writeF32(value);
        }

        @Override
        public Float read(WireReader in) throws WireFormatException {
          return in.readF32();
        }
      };

  static final Codec<Double> F64 =
      new Codec<>() {
        @Override
        public void write(WireWriter out, Double value) throws WireFormatException {
          out.writeF64(value);
        }

        @Override
        public Double read(WireReader in) throws WireFormatException {
          return in.readF64();
        }
      };

  static final KeyCodec<String> STRING =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, String value) throws WireFormatException {
          out.writeString(value);
        }

        @Override
        public String read(WireReader in) throws WireFormatException {
          return in.readString();
        }

        @Override
        public int compare(String a, String b) {
          return Utf8.compare(a, b);
        }
      };

  static final KeyCodec<String> P9_STRING =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, String value) throws WireFormatException {
          if (value.indexOf('\0') >= 0) {
            throw out.failure(Kind.BAD_TEXT, "the text has a NUL");
          }
          out.writeString(value);
        }

        @Override
        public String read(WireReader in) throws WireFormatException {
          String text = in.readString();
          if (text.indexOf('\0') >= 0) {
            throw in.failure(Kind.BAD_TEXT, "the text has a NUL");
          }
          return text;
        }

        @Override
        public int compare(String a, String b) {
          return Utf8.compare(a, b);
        }
      };

  static final KeyCodec<Instant> INSTANT =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, Instant value) throws WireFormatException {
          writeInstant(out, value);
        }

        @Override
        public Instant read(WireReader in) throws WireFormatException {
          return readInstant(in);
        }

        @Override
        public int compare(Instant a, Instant b) {
          return a.compareTo(b);
        }
      };

  private static final long MILLIS = 1000;
  private static final long NANOS = 1_000_000;

  /** The last second that 64 bits of milliseconds hold. */
  private static final long LAST_SECOND = Long.divideUnsigned(-1, MILLIS);

  private ScalarCodecs() {}

  private static void writeInstant(WireWriter out, Instant value) throws WireFormatException {
    long seconds = value.getEpochSecond();
    if (seconds < 0) {
      throw out.failure(Kind.OUT_OF_RANGE, "a time before 1970 has no encoding");
    }
    // Unsigned: the product of the last second still fits, the sum may not.
    long millis = seconds * MILLIS + value.getNano() / NANOS;
    if (seconds > LAST_SECOND || (seconds == LAST_SECOND && millis >= 0)) {
      throw out.failure(Kind.OUT_OF_RANGE, "the time is over 2^64 milliseconds after 1970");
    }
    out.writeU64(millis);
  }

  private static Instant readInstant(WireReader in) throws WireFormatException {
    long millis = in.readU64();
    // The last one is in the year 584,556,019: Instant goes further.
    return Instant.ofEpochSecond(
        Long.divideUnsigned(millis, MILLIS), Long.remainderUnsigned(millis, MILLIS) * NANOS);
  }
}
