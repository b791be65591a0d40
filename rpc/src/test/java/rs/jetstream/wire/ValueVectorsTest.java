package rs.jetstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import rs.jetstream.wire.RustTypes.RustType;
import rs.jetstream.wire.Vectors.Vector;
import rs.jetstream.wire.WireFormatException.Kind;

/** Every value that Rust wrote or refused, but errors and frames. */
// r[verify jetstream.wireformat]
final class ValueVectorsTest {
  /** What Rust accepts and a strict decoder must not: the text is shorter than it says. */
  private static final List<String> LENIENT = List.of("string-short");

  static Stream<Vector> vectors() {
    return Vectors.values().stream()
        .filter(v -> !v.type().startsWith("Frame") && !v.type().startsWith("Error"));
  }

  private static Stream<Vector> good() {
    return vectors().filter(v -> !v.rejects() && !v.nonCanonical());
  }

  private static Stream<Vector> canonical() {
    return good().filter(v -> !v.decodeOnly());
  }

  private static Stream<Vector> accepted() {
    return vectors().filter(v -> v.nonCanonical() && !LENIENT.contains(v.name()));
  }

  private static Stream<Vector> refused() {
    return vectors().filter(v -> (v.rejects() && !v.encodeRejects()) || LENIENT.contains(v.name()));
  }

  private static Stream<Vector> notEncodable() {
    return vectors().filter(Vector::encodeRejects);
  }

  @Test
  void everyVectorIsTested() {
    assertThat(vectors()).hasSize(164);
    assertThat(Vectors.values()).hasSize(198);
    assertThat(
            Stream.of(canonical(), good().filter(Vector::decodeOnly), accepted(), refused())
                    .flatMap(s -> s)
                    .count()
                + notEncodable().count())
        .isEqualTo(164);
  }

  @ParameterizedTest
  @MethodSource("canonical")
  void valueIsWrittenAsRustWritesIt(Vector vector) throws Exception {
    RustType type = RustTypes.of(vector.type());
    Object value = type.value(vector.value());
    byte[] bytes = vector.bytes();

    WireWriter growing = WireWriter.growing(bytes.length);
    type.codec().write(growing, value);
    assertThat(growing.toByteArray()).isEqualTo(bytes);

    assertThat(type.codec().size(value)).isEqualTo(bytes.length);

    try (Arena arena = Arena.ofConfined()) {
      MemorySegment odd = arena.allocate(bytes.length + 1).asSlice(1);
      WireWriter fixed = WireWriter.to(odd);
      type.codec().write(fixed, value);
      assertThat(odd.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
    }

    ByteBuffer buffer = ByteBuffer.allocate(bytes.length + 5).position(3).limit(bytes.length + 3);
    type.codec().write(WireWriter.to(buffer), value);
    assertThat(buffer).isEqualTo(ByteBuffer.wrap(bytes));
  }

  @ParameterizedTest
  @MethodSource("canonical")
  void valueThatDoesNotFitIsRefused(Vector vector) throws Exception {
    RustType type = RustTypes.of(vector.type());
    Object value = type.value(vector.value());
    int size = vector.bytes().length;
    for (int room = 0; room < Math.min(size, 300); room++) {
      WireWriter out = WireWriter.to(MemorySegment.ofArray(new byte[room]));
      assertThatThrownBy(() -> type.codec().write(out, value)).satisfies(kind(Kind.TOO_LARGE));
    }
  }

  @ParameterizedTest
  @MethodSource("good")
  void bytesAreReadAsRustReadsThem(Vector vector) throws Exception {
    RustType type = RustTypes.of(vector.type());
    Object value = type.value(vector.value());
    byte[] bytes = vector.bytes();
    if (vector.decodeOnly()) {
      assertThat(list(read(type, WireReader.of(bytes))))
          .containsExactlyInAnyOrderElementsOf(list(value));
      return;
    }
    assertThat(read(type, WireReader.of(bytes))).isEqualTo(value);

    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length + 3).position(3).put(3, bytes);
    assertThat(read(type, WireReader.of(buffer))).isEqualTo(value);

    ByteBuffer inside = ByteBuffer.wrap(new byte[bytes.length + 9]).position(2).slice();
    inside.put(3, bytes).position(3).limit(3 + bytes.length);
    assertThat(read(type, WireReader.of(inside))).isEqualTo(value);
    assertThat(read(type, WireReader.of(inside.slice().asReadOnlyBuffer()))).isEqualTo(value);

    try (Arena arena = Arena.ofConfined()) {
      MemorySegment odd = arena.allocate(bytes.length + 1).asSlice(1);
      odd.copyFrom(MemorySegment.ofArray(bytes));
      assertThat(read(type, WireReader.of(odd.asReadOnly()))).isEqualTo(value);
      // Slices, compared while the memory is there.
      assertThat(read(type, WireReader.of(odd).lending(true))).isEqualTo(value);
    }
  }

  // r[verify security.1.23]
  @ParameterizedTest
  @MethodSource("good")
  void everyCutOffValueIsRefused(Vector vector) {
    RustType type = RustTypes.of(vector.type());
    byte[] bytes = vector.bytes();
    for (int length = Math.max(0, bytes.length - 300); length < bytes.length; length++) {
      MemorySegment cut = MemorySegment.ofArray(bytes).asSlice(0, length);
      assertThatThrownBy(() -> read(type, WireReader.of(cut))).satisfies(kind(Kind.TRUNCATED));
    }
  }

  @ParameterizedTest
  @MethodSource("good")
  void bytesBehindTheValueAreRefused(Vector vector) {
    RustType type = RustTypes.of(vector.type());
    byte[] bytes = java.util.Arrays.copyOf(vector.bytes(), vector.bytes().length + 1);
    assertThatThrownBy(() -> read(type, WireReader.of(bytes))).satisfies(kind(Kind.TRAILING));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void unorderedAndRepeatedMembersAreAcceptedAndNeverWritten(Vector vector) throws Exception {
    RustType type = RustTypes.of(vector.type());
    WireReader in = WireReader.of(vector.bytes());
    Object value = read(type, in);
    assertThat(value).isEqualTo(type.value(vector.value()));
    assertThat(in.position()).isEqualTo(vector.json().get("bytes_consumed").asLong());
    WireWriter out = WireWriter.growing(100);
    type.codec().write(out, value);
    assertThat(out.toByteArray()).isEqualTo(vector.reencoded());
  }

  // r[verify security.1.23]
  @ParameterizedTest
  @MethodSource("refused")
  void bytesThatAreNoValueAreRefused(Vector vector) {
    RustType type = RustTypes.of(vector.type());
    assertThatThrownBy(() -> read(type, WireReader.of(vector.bytes())))
        .isInstanceOfSatisfying(
            WireFormatException.class,
            e -> {
              assertThat(e.offset()).isBetween(0L, (long) vector.bytes().length);
              assertThat(e.kind()).isEqualTo(expected(vector));
            });
  }

  private static Kind expected(Vector vector) {
    return switch (vector.name()) {
      case "bool-two", "bool-ff", "vec-bad-element" -> Kind.BAD_BOOL;
      case "option-two" -> Kind.BAD_OPTION;
      case "enum-unknown-variant" -> Kind.BAD_VARIANT;
      case "string-bad-utf8", "string-surrogate", "string-overlong", "string-cut-character" ->
          Kind.BAD_TEXT;
      case "p9string-nul" -> Kind.BAD_TEXT;
      case "data-over-limit", "data-huge" -> Kind.TOO_LONG;
      case "ip-tag-zero", "socket-tag" -> Kind.BAD_ADDRESS;
      case "url-relative", "url-empty" -> Kind.BAD_URL;
      default -> Kind.TRUNCATED;
    };
  }

  @ParameterizedTest
  @MethodSource("notEncodable")
  void valueWithoutAnEncodingIsRefusedBeforeItsFirstByte(Vector vector) throws Exception {
    RustType type = RustTypes.of(vector.type());
    Object value = type.value(vector.value());
    WireWriter out = WireWriter.growing(1 << 20);
    assertThatThrownBy(() -> type.codec().write(out, value))
        .satisfies(kind(vector.type().equals("SystemTime") ? Kind.OUT_OF_RANGE : Kind.TOO_LONG));
    assertThat(out.position()).isZero();
  }

  static java.util.function.Consumer<Throwable> kind(Kind kind) {
    return e ->
        assertThat(e)
            .isInstanceOfSatisfying(
                WireFormatException.class, w -> assertThat(w.kind()).isEqualTo(kind));
  }

  private static List<Object> list(Object value) {
    return List.copyOf((List<?>) value);
  }

  private static Object read(RustType type, WireReader in) throws WireFormatException {
    Object value = type.codec().read(in);
    in.finish();
    return value;
  }
}
