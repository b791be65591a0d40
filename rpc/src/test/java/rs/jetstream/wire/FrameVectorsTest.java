package rs.jetstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import rs.jetstream.wire.InteropService.Message;
import rs.jetstream.wire.RustTypes.RustType;
import rs.jetstream.wire.Vectors.Vector;
import rs.jetstream.wire.WireFormatException.Kind;

/** Every frame and every error that Rust wrote or refused. */
// r[verify jetstream.rpc.frame]
// r[verify jetstream.rpc.error]
final class FrameVectorsTest {
  private static Stream<Vector> frames() {
    return Vectors.values().stream().filter(v -> v.type().startsWith("Frame"));
  }

  private static Stream<Vector> good() {
    return frames().filter(v -> !v.rejects() && !v.nonCanonical());
  }

  private static Stream<Vector> refused() {
    return frames().filter(v -> v.rejects() || v.nonCanonical());
  }

  private static Stream<Vector> errors() {
    return Vectors.values().stream().filter(v -> v.type().startsWith("Error"));
  }

  private static Stream<Vector> goodErrors() {
    return errors().filter(v -> !v.rejects());
  }

  private static Stream<Vector> refusedErrors() {
    return errors().filter(Vector::rejects);
  }

  @Test
  void everyVectorIsTested() {
    assertThat(good()).hasSize(17);
    assertThat(refused()).hasSize(12);
    assertThat(goodErrors()).hasSize(3);
    assertThat(refusedErrors()).hasSize(2);
    assertThat(frames().count() + errors().count() + ValueVectorsTest.vectors().count())
        .isEqualTo(198);
  }

  @ParameterizedTest
  @MethodSource("good")
  void frameIsReadAndWrittenAsRustDoes(Vector vector) throws Exception {
    Map<Integer, RustType> types = InteropService.both();
    MemorySegment frame = MemorySegment.ofArray(vector.bytes());
    Message message = InteropService.read(frame, types);
    if (!vector.name().equals("frame-everything-request")) {
      assertThat(message).isEqualTo(InteropService.message(vector.value(), types));
    } else {
      Vector everything =
          Vectors.values().stream()
              .filter(v -> v.name().equals("everything"))
              .findFirst()
              .orElseThrow();
      assertThat(message.payload())
          .isEqualTo(List.of(RustTypes.of(everything.type()).value(everything.value())));
    }
    WireWriter out = WireWriter.growing(1000);
    InteropService.write(out, message, types);
    assertThat(out.toByteArray()).isEqualTo(vector.bytes());
  }

  // r[verify security.1.23]
  @ParameterizedTest
  @MethodSource("good")
  void frameThatSaysAnotherSizeThanItHasIsRefused(Vector vector) {
    for (int more : List.of(-1, 1, 1 << 20, -vector.bytes().length)) {
      MemorySegment frame = MemorySegment.ofArray(vector.bytes());
      frame.set(Layouts.I32, 0, vector.bytes().length + more);
      assertThatThrownBy(() -> Frames.check(frame))
          .satisfies(ValueVectorsTest.kind(Kind.BAD_FRAME));
    }
  }

  // r[verify security.1.23]
  @ParameterizedTest
  @MethodSource("refused")
  void frameThatIsNoneIsRefused(Vector vector) {
    boolean response = vector.name().endsWith("as-response");
    Map<Integer, RustType> types = response ? InteropService.RESPONSES : InteropService.REQUESTS;
    byte[] bytes = vector.bytes();
    // As a stream is cut: at the size, where that leaves a header.
    MemorySegment all = MemorySegment.ofArray(bytes);
    long size = all.get(Layouts.I32, 0) & 0xffff_ffffL;
    MemorySegment frame = size < Frames.HEADER ? all : all.asSlice(0, size);
    assertThatThrownBy(() -> InteropService.read(frame, types))
        .satisfies(
            ValueVectorsTest.kind(
                switch (vector.name()) {
                  case "frame-size-zero", "frame-size-three", "frame-size-four", "frame-size-six" ->
                      Kind.BAD_FRAME;
                  case "frame-arguments-cut-by-size", "frame-string-cut-by-size" -> Kind.TRUNCATED;
                  case "frame-trailing-bytes" -> Kind.TRAILING;
                  default -> Kind.BAD_TYPE;
                }));
  }

  @Test
  void offsetsCountTheHeader() {
    byte[] frame = HexFormat.of().parseHex("0c000000680300050068656c");
    assertThatThrownBy(() -> Frames.read(MemorySegment.ofArray(frame), Codecs.STRING))
        .isInstanceOfSatisfying(
            WireFormatException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(Kind.TRUNCATED);
              assertThat(e.offset()).isEqualTo(9);
            });
  }

  @Test
  void frameThatFailsLeavesNothingBehind() throws Exception {
    WireWriter out = WireWriter.growing(100);
    Frames.write(out, 102, 1, Codecs.STRING, "a");
    assertThatThrownBy(() -> Frames.write(out, 102, 1, Codecs.STRING, "b".repeat(100)))
        .isInstanceOf(WireFormatException.class);
    assertThatThrownBy(
            () -> Frames.write(out, 102, 1, Codecs.list(Codecs.STRING), List.of("a", "\ud800")))
        .isInstanceOf(WireFormatException.class);
    Frames.write(out, 102, 2, Codecs.STRING, "c");
    assertThat(HexFormat.of().formatHex(out.toByteArray()))
        .isEqualTo("0a000000660100010061" + "0a000000660200010063");
  }

  @ParameterizedTest
  @MethodSource("goodErrors")
  void errorIsReadAndWrittenAsRustDoes(Vector vector) throws Exception {
    RustType type = InteropService.error();
    WireReader in = WireReader.of(vector.bytes());
    Object error = type.codec().read(in);
    in.finish();
    assertThat(error).isEqualTo(type.value(vector.value()));
    WireWriter out = WireWriter.growing(10_000);
    type.codec().write(out, error);
    assertThat(out.toByteArray()).isEqualTo(vector.bytes());
  }

  @ParameterizedTest
  @MethodSource("refusedErrors")
  void errorThatIsNoneIsRefused(Vector vector) {
    assertThatThrownBy(() -> ErrorMessage.CODEC.read(WireReader.of(vector.bytes())))
        .satisfies(
            ValueVectorsTest.kind(
                vector.name().equals("error-bad-level") ? Kind.BAD_VARIANT : Kind.TRUNCATED));
  }

  @Test
  void indexBehindTheTableIsRefused() {
    // Message "x", a table of "", and a span whose name is text 1.
    byte[] bytes =
        HexFormat.of()
            .parseHex(
                "010078" + "000000" + "01000000" + "0100" + "0000" + "0100" + "00".repeat(11));
    assertThatThrownBy(() -> ErrorMessage.CODEC.read(WireReader.of(bytes)))
        .satisfies(ValueVectorsTest.kind(Kind.BAD_INDEX));
  }

  @Test
  void subscriptionFramesAreAsComputed() throws Exception {
    List<String> written = new ArrayList<>();
    WireWriter out = WireWriter.growing(100);
    Frames.write(
        out,
        MessageType.SUBSCRIPTION_CANCEL,
        500,
        Subscriptions.Cancel.CODEC,
        new Subscriptions.Cancel(2, 0));
    written.add(HexFormat.of().formatHex(out.toByteArray()));
    assertThat(Frames.read(out.written(), Subscriptions.Cancel.CODEC))
        .isEqualTo(new Subscriptions.Cancel(2, 0));
    out.clear();
    Frames.write(
        out,
        MessageType.SUBSCRIPTION_CANCELLED,
        500,
        Subscriptions.Cancelled.CODEC,
        new Subscriptions.Cancelled(2));
    written.add(HexFormat.of().formatHex(out.toByteArray()));
    out.clear();
    Frames.write(out, MessageType.SUBSCRIPTION_END, 2, Codecs.U8, Subscriptions.CUT_SHORT);
    written.add(HexFormat.of().formatHex(out.toByteArray()));
    out.clear();
    Codec<Object> end = RustTypes.of("End(u8,u32)").codec();
    Frames.write(out, MessageType.SUBSCRIPTION_END, 2, end, List.of(104, 7L));
    written.add(HexFormat.of().formatHex(out.toByteArray()));
    assertThat(written)
        .isEqualTo(Vectors.drafts().stream().map(v -> v.json().get("hex").asText()).toList());
  }
}
