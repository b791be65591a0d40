package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.StreamException;
import rs.jetstream.rpc.Interop.Two;
import rs.jetstream.wire.Unit;

/** Whoever begins a frame has a time to end it, and loses no more than the lane. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class SlowSendersTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final byte[] WHOLE = RawLane.request(Interop.ECHO, 2, "a text of some length");

  private static byte[] begun(int bytes) {
    return Arrays.copyOf(WHOLE, bytes);
  }

  private static Ends hasty() throws IOException {
    return new Ends(it -> it.frameTimeout(SHORT), it -> it);
  }

  @Test
  void aRequestThatIsNotFinishedEndsItsLaneWhereverItStops() throws Exception {
    try (Ends ends = hasty();
        Ends.Raw raw = new Ends.Raw(ends.server)) {
      for (int bytes : new int[] {1, 3, 4, 6, 7, 8, WHOLE.length - 1}) {
        try (RawLane lane = raw.lane()) {
          lane.send(begun(bytes));
          lane.assertEndedAndStopped();
        }
      }
    }
  }

  @Test
  void aTrickleDoesNotLengthenTheTime() throws Exception {
    try (Ends ends = hasty();
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      lane.send(new byte[] {0, 0, 0x40, 0}); // 4 MiB
      Throwable stopped =
          catchThrowable(() -> {
            while (true) {
              lane.send(new byte[1]);
              lane.stream.flush(); // acknowledged: a byte for each round trip
            }
          });
      assertThat(stopped).isInstanceOf(StreamException.class);
      assertThat(((StreamException) stopped).kind()).isEqualTo(Kind.STREAM_RESET);
      assertThat(lane.next()).isEmpty();
    }
  }

  @Test
  void whatWasAskedBeforeIsStillAnswered() throws Exception {
    try (Ends ends = hasty();
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      long later = 2 * SHORT.toMillis();
      lane.send(RawLane.request(Interop.DELAY, 9, new Two<>(later, 1L)), begun(10));
      assertThat(lane.next()).isEqualTo(RawLane.response(Interop.DELAY, 9, 1L));
      lane.assertEndedAndStopped();
    }
  }

  @Test
  void aQuietLaneStays() throws Exception {
    try (Ends ends = hasty();
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane quiet = raw.lane();
        RawLane slow = raw.lane()) {
      slow.send(begun(10));
      slow.assertEndedAndStopped(); // as long as the time is
      quiet.send(WHOLE);
      assertThat(quiet.next())
          .isEqualTo(RawLane.response(Interop.ECHO, 2, "a text of some length"));
    }
  }

  @Test
  void manySlowLanesHoldUpNoOtherClient() throws Exception {
    try (Ends ends = hasty();
        Ends.Raw raw = new Ends.Raw(ends.server)) {
      List<RawLane> slow = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        RawLane lane = raw.lane();
        lane.send(begun(1 + i % (WHOLE.length - 1)));
        slow.add(lane);
        ends.caller.call(Interop.PING, Unit.INSTANCE);
      }
      for (RawLane lane : slow) {
        lane.assertEndedAndStopped();
        ends.caller.call(Interop.PING, Unit.INSTANCE);
        lane.close();
      }
    }
  }

  @Test
  void anAnswerThatIsNotFinishedFailsTheCallsOfItsLane() throws Exception {
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> {
              lane.agree();
              byte[] request = lane.next();
              byte[] answer = RawLane.response(Interop.ECHO, RawLane.tag(request), "never whole");
              lane.send(Arrays.copyOf(answer, answer.length - 1));
            });
        JetStreamClient client = Ends.clientOf(server).frameTimeout(SHORT).open()) {
      RpcException failed =
          catchThrowableOfType(
              RpcException.class, () -> client.caller(Interop.SERVICE).call(Interop.ECHO, "?"));
      assertThat(failed.kind()).as(failed.toString()).isEqualTo(Kind.BAD_FRAME);
      assertThat(failed).hasMessageContaining("not complete in PT0.2S");
    }
  }

  @Test
  void halfAVersionIsNoneOnEitherSide() throws Exception {
    try (Ends ends = hasty();
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane half = new RawLane(raw.open())) {
      half.send(begun(3));
      assertThat(catchThrowable(half::next)).isInstanceOf(StreamException.class);
    }
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> lane.send(new byte[] {0x36, 0, 0}));
        JetStreamClient client = Ends.clientOf(server).openTimeout(SHORT).open()) {
      RpcException failed =
          catchThrowableOfType(
              RpcException.class,
              () -> client.caller(Interop.SERVICE).call(Interop.PING, Unit.INSTANCE));
      assertThat(failed.kind()).as(failed.toString()).isEqualTo(Kind.DEADLINE);
      assertThat(failed).hasMessageContaining("handshake");
    }
  }
}
