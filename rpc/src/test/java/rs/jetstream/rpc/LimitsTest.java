package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.FrameReader;
import rs.jetstream.quic.JetStreamException.Kind;

/** Every limit is finite, a value out of its range is refused, and what is agreed is kept. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class LimitsTest {
  @Test
  void valuesOutOfRangeAreRefusedByName() {
    List<Consumer<JetStreamServer.Builder>> servers =
        List.of(
            it -> it.maxFrame(63),
            it -> it.maxFrame(FrameReader.HARD_LIMIT + 1),
            it -> it.maxCallsPerLane(0),
            it -> it.maxCallsPerLane(Integer.MAX_VALUE),
            it -> it.maxQueuedPerLane(-1),
            it -> it.callTimeout(Duration.ZERO),
            it -> it.callTimeout(Duration.ofSeconds(Long.MAX_VALUE)),
            it -> it.handshakeTimeout(Duration.ofNanos(-1)),
            it -> it.frameTimeout(Duration.ZERO),
            it -> it.sendTimeout(Duration.ZERO),
            it -> it.drainTimeout(Duration.ZERO));
    for (Consumer<JetStreamServer.Builder> it : servers) {
      assertThatThrownBy(() -> it.accept(JetStreamServer.builder()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching("(max|call|handshake|frame|send|drain).* is .*, must be .*");
    }
    List<Consumer<JetStreamClient.Builder>> clients =
        List.of(
            it -> it.maxFrame(63),
            it -> it.maxFrame(FrameReader.HARD_LIMIT + 1),
            it -> it.maxCallsPerLane(0),
            it -> it.maxCallsPerLane(65_535),
            it -> it.maxWaitingCalls(-1),
            it -> it.maxQueuedPerLane(-1),
            it -> it.maxAttempts(0),
            it -> it.connections(0),
            it -> it.lanesPerService(0),
            it -> it.openTimeout(Duration.ZERO),
            it -> it.frameTimeout(Duration.ZERO),
            it -> it.sendTimeout(Duration.ZERO),
            it -> it.address("localhost", 0),
            it -> it.address("localhost", 65_536));
    for (Consumer<JetStreamClient.Builder> it : clients) {
      assertThatThrownBy(() -> it.accept(JetStreamClient.builder()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching("(max|connections|lanes|open|frame|send|port).* is .*, must be .*");
    }
    assertThatThrownBy(() -> CallOptions.defaults().withTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("timeout is");
  }

  @Test
  void whatIsMissingIsSaid() {
    assertThatThrownBy(() -> JetStreamServer.builder().open())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("quic(...)");
    assertThatThrownBy(() -> JetStreamServer.builder().quic(Ends.quicServer()).open())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("service(...)");
    assertThatThrownBy(() -> JetStreamClient.builder().quic(Ends.quicClient()).open())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("address(...)");
    assertThatThrownBy(() -> JetStreamServer.builder().service("no service"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.String implements no interface");
    Dispatcher dispatcher = new Interop.Handlers().dispatcher();
    assertThatThrownBy(() -> JetStreamServer.builder().service(dispatcher).service(dispatcher))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("interop");
  }

  @Test
  void theLargestDataFits() throws Exception {
    MemorySegment largest = MemorySegment.ofArray(new byte[32 << 20]);
    largest.set(ValueLayout.JAVA_BYTE, (32 << 20) - 1, (byte) 7);
    try (Ends ends =
        new Ends(
            it -> it.maxFrame(FrameReader.HARD_LIMIT), it -> it.maxFrame(FrameReader.HARD_LIMIT))) {
      MemorySegment back = ends.caller.call(Interop.BLOB, largest);
      assertThat(back.mismatch(largest)).isEqualTo(-1);
    }
  }

  @Test
  void aRequestLargerThanTheServerTakesIsNotSent() throws Exception {
    try (Ends ends = new Ends(it -> it.maxFrame(1 << 16), it -> it)) {
      MemorySegment fits = MemorySegment.ofArray(new byte[(1 << 16) - 11]);
      assertThat(ends.caller.call(Interop.BLOB, fits).byteSize()).isEqualTo(fits.byteSize());
      MemorySegment large = MemorySegment.ofArray(new byte[(1 << 16) - 10]);
      RpcException failed =
          catchThrowableOfType(RpcException.class, () -> ends.caller.call(Interop.BLOB, large));
      assertThat(failed.kind()).isEqualTo(Kind.NOT_ENCODABLE);
      assertThat(failed).hasMessageContaining("the server takes 65536");
      assertThat(ends.caller.call(Interop.ECHO, "goes on")).isEqualTo("goes on");
    }
  }

  @Test
  void anAnswerLargerThanTheClientTakesIsAnError() throws Exception {
    try (Ends ends = new Ends(it -> it, it -> it.maxFrame(1 << 10))) {
      ends.handlers.echo = (context, text) -> "x".repeat(2000);
      RpcException failed =
          catchThrowableOfType(RpcException.class, () -> ends.caller.call(Interop.ECHO, "more"));
      assertThat(failed.error()).contains(Errors.RESULT);
      ends.handlers.echo = (context, text) -> text;
      assertThat(ends.caller.call(Interop.ECHO, "goes on")).isEqualTo("goes on");
    }
  }
}
