package rs.jetstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import rs.jetstream.wire.RustTypes.RustType;
import rs.jetstream.wire.WireFormatException.Kind;

/** What is written is read again, whatever it is; what is not written by us is refused. */
// r[verify jetstream.wireformat]
final class RoundTripTest {
  @Property
  void numbers(@ForAll short a, @ForAll int b, @ForAll long c, @ForAll long d) throws Exception {
    same(Codecs.I16, a);
    same(Codecs.I32, b);
    same(Codecs.I64, c);
    same(Codecs.U64, c);
    same(Codecs.U8, b & 0xff);
    same(Codecs.U16, b & 0xffff);
    same(Codecs.U32, c & 0xffff_ffffL);
    same(Codecs.U128, new UInt128(c, d));
    same(Codecs.I128, new Int128(c, d));
    same(Codecs.BOOL, b > 0);
  }

  @Property
  void numbersOutOfRangeAreRefused(@ForAll int a, @ForAll long b) {
    assertThat(writes(Codecs.U8, a)).isEqualTo(a >= 0 && a <= 255);
    assertThat(writes(Codecs.U16, a)).isEqualTo(a >= 0 && a <= 65_535);
    assertThat(writes(Codecs.U32, b)).isEqualTo(b >= 0 && b <= 4_294_967_295L);
  }

  @Property
  void bitsOfFloatsSurvive(@ForAll int a, @ForAll long b) throws Exception {
    assertThat(Float.floatToRawIntBits(again(Codecs.F32, Float.intBitsToFloat(a)))).isEqualTo(a);
    assertThat(Double.doubleToRawLongBits(again(Codecs.F64, Double.longBitsToDouble(b))))
        .isEqualTo(b);
  }

  @Property
  void wideNumbersAreThoseOfBigInteger(@ForAll long a, @ForAll long b, @ForAll long c) {
    UInt128 u = new UInt128(a, b);
    Int128 i = new Int128(a, b);
    assertThat(UInt128.of(u.toBigInteger())).isEqualTo(u);
    assertThat(Int128.of(i.toBigInteger())).isEqualTo(i);
    assertThat(u.toBigInteger().signum()).isNotNegative();
    assertThat(Integer.signum(u.compareTo(new UInt128(a, c))))
        .isEqualTo(u.toBigInteger().compareTo(new UInt128(a, c).toBigInteger()));
    assertThat(Integer.signum(i.compareTo(new Int128(b, c))))
        .isEqualTo(i.toBigInteger().compareTo(new Int128(b, c).toBigInteger()));
    assertThatThrownBy(() -> UInt128.of(BigInteger.ONE.shiftLeft(128).add(u.toBigInteger())))
        .isInstanceOf(ArithmeticException.class);
  }

  @Property
  void textIsUtf8OrRefused(@ForAll String text) throws Exception {
    boolean whole = StandardCharsets.UTF_8.newEncoder().canEncode(text);
    assertThat(writes(Codecs.STRING, text)).isEqualTo(whole);
    if (whole) {
      same(Codecs.STRING, text);
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      WireWriter out = WireWriter.growing(1 << 20);
      out.writeString(text);
      assertThat(out.toByteArray()).endsWith(utf8).hasSize(2 + utf8.length);
    }
  }

  @Property
  void bytesAreTextJustWhenTheJdkSaysSo(@ForAll @Size(max = 40) byte[] bytes) {
    assertThat(Utf8.firstBad(bytes, 0, bytes.length) < 0).isEqualTo(isUtf8(bytes));
  }

  @Property
  void mutilatedTextIsTextJustWhenTheJdkSaysSo(
      @ForAll String text, @ForAll int at, @ForAll byte with) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0) {
      bytes[Math.floorMod(at, bytes.length)] = with;
    }
    assertThat(Utf8.firstBad(bytes, 0, bytes.length) < 0).isEqualTo(isUtf8(bytes));
  }

  @Property
  void textIsOrderedByItsBytes(@ForAll("wellFormed") String a, @ForAll("wellFormed") String b) {
    int expected =
        Arrays.compareUnsigned(
            a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    assertThat(Integer.signum(Codecs.STRING.compare(a, b))).isEqualTo(Integer.signum(expected));
  }

  @Property
  void runsOfBytes(@ForAll @Size(max = 300) byte[] bytes) throws Exception {
    assertThat(again(Codecs.DATA_ARRAY, bytes)).isEqualTo(bytes);
    assertThat(again(Codecs.BYTES_ARRAY, bytes)).isEqualTo(bytes);
    same(Codecs.DATA_BUFFER, ByteBuffer.wrap(bytes));
    same(Codecs.BYTES_BUFFER, ByteBuffer.wrap(bytes));
    MemorySegment segment = MemorySegment.ofArray(bytes);
    assertThat(again(Codecs.DATA, segment).mismatch(segment)).isEqualTo(-1);
    assertThat(again(Codecs.BYTES, segment).mismatch(segment)).isEqualTo(-1);
    assertThat(again(Codecs.DATA, segment).isReadOnly()).isTrue();
  }

  @Property
  void collections(
      @ForAll List<Integer> list,
      @ForAll Set<Integer> set,
      @ForAll("texts") Map<String, Integer> map)
      throws Exception {
    same(Codecs.list(Codecs.I32), list);
    same(Codecs.set(Codecs.I32), set);
    same(Codecs.map(Codecs.STRING, Codecs.I32), map);
    same(Codecs.list(Codecs.list(Codecs.I32)), List.of(list, List.of(), list));
    same(Codecs.optional(Codecs.list(Codecs.I32)), Optional.of(list));
    SortedMap<String, Integer> descending = new TreeMap<>(Codecs.STRING.reversed());
    descending.putAll(map);
    assertThat(bytes(Codecs.sortedMap(Codecs.STRING, Codecs.I32), descending))
        .isEqualTo(bytes(Codecs.map(Codecs.STRING, Codecs.I32), map));
  }

  @Property
  void timesBeforeTheLast(@ForAll("times") Instant time) throws Exception {
    assertThat(again(Codecs.INSTANT, time)).isEqualTo(time.truncatedTo(ChronoUnit.MILLIS));
  }

  @Property
  void timesOutOfRangeAreRefused(@ForAll("otherTimes") Instant time) {
    assertThat(writes(Codecs.INSTANT, time)).isFalse();
  }

  @Property
  void addresses(@ForAll @Size(16) byte[] v6, @ForAll @Size(4) byte[] v4, @ForAll short port)
      throws Exception {
    InetAddress four = InetAddress.getByAddress(v4);
    same(Codecs.IP, four);
    InetAddress six = java.net.Inet6Address.getByAddress(null, v6, -1);
    same(Codecs.IP, six);
    same(Codecs.SOCKET, new InetSocketAddress(four, port & 0xffff));
    same(Codecs.SOCKET, new InetSocketAddress(six, port & 0xffff));
  }

  @Property(tries = 300)
  void garbageIsAValueOrRefusedAndNeverReadPastItsEnd(@ForAll @Size(max = 600) byte[] bytes) {
    // The reader sees the middle of a larger array.
    byte[] around = new byte[bytes.length + 64];
    Arrays.fill(around, (byte) 1);
    System.arraycopy(bytes, 0, around, 32, bytes.length);
    MemorySegment middle = MemorySegment.ofArray(around).asSlice(32, bytes.length);
    for (RustType type : types()) {
      WireReader in = WireReader.of(middle);
      try {
        Object value = type.codec().read(in);
        // What was read is written in as many bytes or, where members were merged, fewer.
        WireWriter out = WireWriter.growing(100_000);
        type.codec().write(out, value);
        assertThat(type.codec().read(WireReader.of(out.written()))).isEqualTo(value);
      } catch (WireFormatException e) {
        assertThat(e.offset()).isBetween(0L, (long) bytes.length);
      }
      assertThat(in.position()).isBetween(0L, (long) bytes.length);
    }
  }

  static List<RustType> types() {
    return Vectors.values().stream()
        .map(Vectors.Vector::type)
        .distinct()
        .filter(type -> !type.startsWith("Frame"))
        .map(type -> type.startsWith("Error") ? InteropService.error() : RustTypes.of(type))
        .toList();
  }

  @Provide
  Arbitrary<String> wellFormed() {
    return Arbitraries.strings()
        .withChars('a', '\u007f', '\u0080', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\uffff')
        .ofMaxLength(4)
        .flatMap(text ->
            Arbitraries.of("", "\ud800\udc00", "\udbff\udfff", "\ue000").map(s -> text + s));
  }

  @Provide
  Arbitrary<Map<String, Integer>> texts() {
    return Arbitraries.maps(wellFormed(), Arbitraries.integers());
  }

  @Provide
  Arbitrary<Instant> times() {
    return Combinators.combine(
            Arbitraries.longs().between(0, 18_446_744_073_709_550L),
            Arbitraries.longs().between(0, 999_999_999))
        .as(Instant::ofEpochSecond);
  }

  @Provide
  Arbitrary<Instant> otherTimes() {
    return Arbitraries.oneOf(
        Arbitraries.longs()
            .between(Instant.MIN.getEpochSecond(), -1)
            .map(s -> Instant.ofEpochSecond(s, 999_999_999)),
        Arbitraries.longs()
            .between(18_446_744_073_709_552L, Instant.MAX.getEpochSecond())
            .map(Instant::ofEpochSecond),
        Arbitraries.of(Instant.ofEpochSecond(18_446_744_073_709_551L, 616_000_000)));
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (java.nio.charset.CharacterCodingException e) {
      return false;
    }
  }

  private static <T> boolean writes(Codec<T> codec, T value) {
    WireWriter out = WireWriter.growing(1 << 20);
    try {
      codec.write(out, value);
      return true;
    } catch (WireFormatException e) {
      assertThat(e.kind()).isIn(Kind.OUT_OF_RANGE, Kind.BAD_TEXT);
      assertThat(out.position()).isZero();
      return false;
    }
  }

  private static <T> byte[] bytes(Codec<T> codec, T value) throws WireFormatException {
    WireWriter out = WireWriter.growing(1 << 20);
    codec.write(out, value);
    assertThat(codec.size(value)).isEqualTo(out.position());
    return out.toByteArray();
  }

  private static <T> T again(Codec<T> codec, T value) throws WireFormatException {
    WireReader in = WireReader.of(bytes(codec, value));
    T read = codec.read(in);
    in.finish();
    return read;
  }

  private static <T> void same(Codec<T> codec, T value)
      throws WireFormatException, UnknownHostException {
    assertThat(again(codec, value)).isEqualTo(value);
  }
}
