package rs.jetstream.rpc.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import rs.jetstream.rpc.RpcMethod;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.Frames;
import rs.jetstream.wire.Unit;
import rs.jetstream.wire.Vectors;
import rs.jetstream.wire.Vectors.Vector;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/** What the processor made writes and reads Rust's bytes. */
// r[verify jetstream.wireformat.struct]
// r[verify jetstream.wireformat.enum]
final class GeneratedCodecsTest {
  private static final Everything EVERYTHING =
      new Everything(
          true,
          171,
          48879,
          3735928559L,
          81985529216486895L,
          (short) -2,
          Integer.MIN_VALUE,
          -1,
          1.5f,
          -0.1,
          "héllo 🚀",
          List.of(1L, 2L, 4294967295L),
          List.of((short) -1, (short) 0, (short) 1),
          ByteBuffer.wrap(new byte[] {0, 1, 2, -1}),
          ByteBuffer.wrap(new byte[] {-54, -2}),
          "x",
          Map.of("b", 2L, "a", 1L),
          Set.of(3, 1, 2),
          new Pair(7, "seven"),
          new Shape.Label("p", Optional.of(new Point(1, -1))),
          InetAddress.ofLiteral("2001:db8::1"),
          new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 4433),
          Instant.ofEpochMilli(1700000000123L),
          URI.create("https://example.test/a?b=c"));

  private static Vector vector(String name) {
    return Vectors.values().stream().filter(v -> v.name().equals(name)).findFirst().orElseThrow();
  }

  private static <T> void same(String vector, Codec<T> codec, T value) throws Exception {
    byte[] bytes = vector(vector).bytes();
    assertThat(bytes(codec, value)).isEqualTo(bytes);
    assertThat(codec.size(value)).isEqualTo(bytes.length);
    WireReader in = WireReader.of(bytes);
    assertThat(codec.read(in)).isEqualTo(value);
    in.finish();
  }

  private static <T> byte[] bytes(Codec<T> codec, T value) throws WireFormatException {
    WireWriter out = WireWriter.growing(1 << 20);
    codec.write(out, value);
    return out.toByteArray();
  }

  @Test
  void valuesAreThoseOfRust() throws Exception {
    same("struct", PointCodec.INSTANCE, new Point(1, -1));
    same("struct-tuple", PairCodec.INSTANCE, new Pair(7, "seven"));
    same("enum-unit", ShapeCodec.INSTANCE, new Shape.Empty());
    same("enum-newtype", ShapeCodec.INSTANCE, new Shape.Circle(1.5));
    same("enum-struct", ShapeCodec.INSTANCE, new Shape.Rect(3, 4));
    same("enum-nested", ShapeCodec.INSTANCE, new Shape.Path(List.of(new Point(1, 2))));
    same(
        "enum-option-box",
        ShapeCodec.INSTANCE,
        new Shape.Label("p", Optional.of(new Point(1, -1))));
    same("everything", EverythingCodec.INSTANCE, EVERYTHING);
  }

  private static <A, R> void request(String vector, RpcMethod<A, R> method, int tag, A arguments)
      throws Exception {
    frame(vector, method.requestId(), tag, method.arguments(), arguments);
  }

  private static <A, R> void response(String vector, RpcMethod<A, R> method, int tag, R result)
      throws Exception {
    frame(vector, method.responseId(), tag, method.result(), result);
  }

  private static <T> void frame(String vector, int type, int tag, Codec<T> codec, T payload)
      throws Exception {
    byte[] bytes = vector(vector).bytes();
    WireWriter out = WireWriter.growing(1 << 20);
    Frames.write(out, type, tag, codec, payload);
    assertThat(out.toByteArray()).isEqualTo(bytes);
    MemorySegment frame = MemorySegment.ofArray(bytes);
    assertThat(Frames.type(frame)).isEqualTo(type);
    assertThat(Frames.tag(frame)).isEqualTo(tag);
    assertThat(Frames.read(frame, codec)).isEqualTo(payload);
  }

  @Test
  void messagesAreThoseOfRust() throws Exception {
    request("frame-request-no-arguments", InteropService.PING, 2, Unit.INSTANCE);
    response("frame-response-unit", InteropService.PING, 2, Unit.INSTANCE);
    request(
        "frame-echo-request", InteropService.ECHO, 3, new InteropService.EchoArguments("hello"));
    response("frame-echo-response", InteropService.ECHO, 3, "hello");
    request("frame-add-request", InteropService.ADD, 256, new InteropService.AddArguments(40, 2));
    response("frame-add-response", InteropService.ADD, 256, 42L);
    request(
        "frame-blob-request",
        InteropService.BLOB,
        4,
        new InteropService.BlobArguments(ByteBuffer.wrap(new byte[] {1, 2, 3})));
    request("frame-whoami-request", InteropService.WHOAMI, 5, Unit.INSTANCE);
    request(
        "frame-everything-request",
        InteropService.EVERYTHING,
        6,
        new InteropService.EverythingArguments(EVERYTHING));
    request(
        "frame-fail-request",
        InteropService.FAIL,
        7,
        new InteropService.FailArguments("boom", "c", Optional.empty(), Optional.empty()));
  }

  @Test
  void descriptorHasNameVersionAndIds() {
    assertThat(InteropService.DESCRIPTOR.name()).isEqualTo("interop");
    assertThat(InteropService.DESCRIPTOR.version())
        .hasToString("rs.jetstream.proto/interop/1.2.3+d541b537");
    assertThat(InteropService.DESCRIPTOR.methods())
        .extracting(RpcMethod::name)
        .containsExactly(
            "ping",
            "echo",
            "add",
            "divide",
            "blob",
            "delay",
            "whoami",
            "everything",
            "shapes",
            "fail");
    for (int id = 0; id < 256; id++) {
      RpcMethod<?, ?> method = InteropService.DESCRIPTOR.method(id);
      boolean is = id >= 102 && id <= 120 && id % 2 == 0;
      assertThat(method != null).as("%s", id).isEqualTo(is);
      if (method != null) {
        assertThat(method.requestId()).isEqualTo(id);
        assertThat(method.isSubscription()).isFalse();
        assertThat(method.idempotent()).isEqualTo(id == 102);
      }
    }
  }

  static Stream<Vector> refused() {
    return Vectors.values().stream()
        .filter(v -> v.rejects() && (v.type().startsWith("Shape") || v.type().startsWith("Point")));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void bytesThatAreNoValueAreRefused(Vector vector) {
    Codec<?> codec = vector.type().startsWith("Shape") ? ShapeCodec.INSTANCE : PointCodec.INSTANCE;
    assertThatThrownBy(() -> codec.read(WireReader.of(vector.bytes())))
        .isInstanceOf(WireFormatException.class);
  }

  @Test
  void mutilatedBytesAreAValueOrRefused() throws Exception {
    byte[] good = bytes(EverythingCodec.INSTANCE, EVERYTHING);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> outcomes = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = good.clone();
      for (int k = random.nextInt(4); k >= 0; k--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        Everything value = EverythingCodec.INSTANCE.read(WireReader.of(bytes));
        Function<Everything, byte[]> again =
            it -> {
              try {
                return bytes(EverythingCodec.INSTANCE, it);
              } catch (WireFormatException e) {
                throw new AssertionError("seed " + seed, e);
              }
            };
        byte[] written = again.apply(value);
        assertThat(again.apply(EverythingCodec.INSTANCE.read(WireReader.of(written))))
            .as("seed %s", seed)
            .isEqualTo(written);
        outcomes.add("value");
      } catch (WireFormatException e) {
        outcomes.add("refused");
      }
    }
    assertThat(outcomes).contains("value", "refused");
  }
}
