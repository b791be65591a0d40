package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.rpc.Interop.Two;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.MessageType;

/**
 * Servers that do what the vectors' scripted servers did to the Rust client, which mostly waited
 * for ever; here every call ends by itself, and the connection goes on.
 */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class OddServersTest {
  private static final Two<Long, Long> FORTY_TWO = new Two<>(40L, 2L);

  /** Whether the next call gets the odd answer. */
  private final AtomicBoolean odd = new AtomicBoolean(true);

  private interface Body {
    void run(ScriptedServer server, Caller caller) throws Exception;
  }

  private static void against(ScriptedServer.Script script, Body body) throws Exception {
    try (ScriptedServer server = Ends.scripted(script);
        JetStreamClient client = Ends.clientOf(server).open()) {
      body.run(server, client.caller(Interop.SERVICE));
      assertThat(server.failures).isEmpty();
    }
  }

  private static RpcException failure(Caller caller) {
    return catchThrowableOfType(RpcException.class, () -> caller.call(Interop.ADD, FORTY_TWO));
  }

  private static void refusal(ScriptedServer.Script script, Kind kind) throws Exception {
    against(script, (server, caller) -> assertThat(failure(caller).kind()).isEqualTo(kind));
  }

  private static byte[] answer(int tag) {
    return RawLane.response(Interop.ADD, tag, 42L);
  }

  /** Serves one call as told and the next ones well; {@code lanes} says how many are needed. */
  private void oddCall(Odd answer, Kind kind, int lanes) throws Exception {
    against(
        (lane, connection) -> {
          lane.agree();
          while (true) {
            byte[] request = lane.next();
            if (request.length == 0) {
              return;
            }
            if (odd.compareAndSet(true, false)) {
              answer.answer(lane, RawLane.tag(request));
            } else {
              lane.send(answer(RawLane.tag(request)));
            }
          }
        },
        (server, caller) -> {
          RpcException failed = failure(caller);
          assertThat(failed.kind()).as(failed.toString()).isEqualTo(kind);
          assertThat(caller.call(Interop.ADD, FORTY_TWO)).isEqualTo(42);
          assertThat(server.connections).hasValue(1);
          assertThat(server.lanes).hasValue(lanes);
        });
  }

  private interface Odd {
    void answer(RawLane lane, int tag) throws Exception;
  }

  // The handshake.

  @Test
  void anUnknownVersionIsARefusal() throws Exception {
    refusal(
        (lane, connection) ->
            lane.send(
                RawLane.version(
                    MessageType.VERSION_RESPONSE, RawLane.tag(lane.next()), 0, "unknown")),
        Kind.VERSION_REFUSED);
  }

  @Test
  void anotherServicesVersionIsARefusal() throws Exception {
    refusal(
        (lane, connection) ->
            lane.send(
                RawLane.version(
                    MessageType.VERSION_RESPONSE,
                    RawLane.tag(lane.next()),
                    65_536,
                    "rs.jetstream.proto/elsewhere/0.0.1")),
        Kind.VERSION_REFUSED);
  }

  @Test
  void anotherMajorIsARefusal() throws Exception {
    refusal(
        (lane, connection) ->
            lane.send(
                RawLane.version(
                    MessageType.VERSION_RESPONSE,
                    RawLane.tag(lane.next()),
                    65_536,
                    "rs.jetstream.proto/interop/2.0.0")),
        Kind.VERSION_REFUSED);
  }

  @Test
  void anEchoOfTheVersionIsAccepted() throws Exception {
    against(
        (lane, connection) -> {
          byte[] asked = lane.next();
          asked[4] = MessageType.VERSION_RESPONSE;
          lane.send(asked);
          lane.send(answer(RawLane.tag(lane.next())));
        },
        (server, caller) -> assertThat(caller.call(Interop.ADD, FORTY_TWO)).isEqualTo(42));
  }

  @Test
  void anotherTagInTheHandshakeIsABadMessage() throws Exception {
    refusal(
        (lane, connection) ->
            lane.send(
                RawLane.version(
                    MessageType.VERSION_RESPONSE,
                    RawLane.tag(lane.next()) ^ 1,
                    65_536,
                    Interop.VERSION)),
        Kind.BAD_MESSAGE);
  }

  @Test
  void aMessageBeforeTheVersionIsABadMessage() throws Exception {
    refusal((lane, connection) -> lane.send(answer(RawLane.tag(lane.next()))), Kind.BAD_MESSAGE);
  }

  @Test
  void anErrorInTheHandshakeIsARefusalThatSaysWhy() throws Exception {
    against(
        (lane, connection) ->
            lane.send(
                RawLane.frame(
                    MessageType.ERROR,
                    RawLane.tag(lane.next()),
                    ErrorMessage.CODEC,
                    Errors.of("not today", "test::no"))),
        (server, caller) -> {
          RpcException failed = failure(caller);
          assertThat(failed.kind()).isEqualTo(Kind.VERSION_REFUSED);
          assertThat(failed).hasMessageContaining("not today");
        });
  }

  @Test
  void anEndInsteadOfTheVersionIsARefusal() throws Exception {
    refusal(
        (lane, connection) -> {
          lane.next();
          lane.stream.finish();
        },
        Kind.VERSION_REFUSED);
  }

  @Test
  void aResetInsteadOfTheVersionIsARefusal() throws Exception {
    refusal(
        (lane, connection) -> {
          lane.next();
          lane.stream.reset(5);
        },
        Kind.VERSION_REFUSED);
  }

  @Test
  void aCloseInsteadOfTheVersionFailsTheCallAtOnce() throws Exception {
    refusal(
        (lane, connection) -> {
          lane.next();
          connection.close(7);
        },
        Kind.APPLICATION_CLOSE);
  }

  @Test
  void aServerThatTakesNoUsefulFrameIsRefused() throws Exception {
    refusal(
        (lane, connection) ->
            lane.send(
                RawLane.version(
                    MessageType.VERSION_RESPONSE, RawLane.tag(lane.next()), 12, Interop.VERSION)),
        Kind.VERSION_REFUSED);
  }

  // Calls.

  @Test
  void anotherMethodsAnswerFailsTheCallAlone() throws Exception {
    oddCall(
        (lane, tag) -> lane.send(RawLane.response(Interop.ECHO, tag, "hm")), Kind.BAD_MESSAGE, 1);
  }

  @Test
  void anUnknownTypeFailsTheLane() throws Exception {
    oddCall(
        (lane, tag) -> {
          byte[] frame = answer(tag);
          frame[4] = (byte) 253;
          lane.send(frame);
        },
        Kind.BAD_MESSAGE,
        2);
  }

  @Test
  void anUnknownTagFailsTheLane() throws Exception {
    oddCall((lane, tag) -> lane.send(answer(tag + 1000)), Kind.BAD_MESSAGE, 2);
  }

  @Test
  void tagZeroFailsTheLane() throws Exception {
    oddCall((lane, tag) -> lane.send(answer(0)), Kind.BAD_MESSAGE, 2);
  }

  @Test
  void surplusBytesFailTheLane() throws Exception {
    oddCall(
        (lane, tag) -> {
          byte[] frame = Arrays.copyOf(answer(tag), answer(tag).length + 2);
          frame[0] = (byte) frame.length;
          lane.send(frame);
        },
        Kind.BAD_MESSAGE,
        2);
  }

  @Test
  void aShortAnswerFailsTheLane() throws Exception {
    oddCall(
        (lane, tag) -> {
          byte[] frame = Arrays.copyOf(answer(tag), answer(tag).length - 1);
          frame[0] = (byte) frame.length;
          lane.send(frame);
        },
        Kind.BAD_MESSAGE,
        2);
  }

  @Test
  void aFrameThatIsTooLargeFailsTheLane() throws Exception {
    oddCall(
        (lane, tag) -> {
          byte[] frame = answer(tag);
          MemorySegment.ofArray(frame).set(ValueLayout.JAVA_INT_UNALIGNED, 0, -1);
          lane.send(frame);
        },
        Kind.BAD_FRAME,
        2);
  }

  @Test
  void aFrameThatIsTooSmallFailsTheLane() throws Exception {
    oddCall((lane, tag) -> lane.send(new byte[] {6, 0, 0, 0, 5, 0}), Kind.BAD_FRAME, 2);
  }

  @Test
  void anEndFailsTheCall() throws Exception {
    oddCall((lane, tag) -> lane.stream.finish(), Kind.CLOSED, 2);
  }

  @Test
  void aResetFailsTheCall() throws Exception {
    oddCall((lane, tag) -> lane.stream.reset(9), Kind.STREAM_RESET, 2);
  }

  @Test
  void aSecondAnswerFailsTheLaneAndNoOtherCall() throws Exception {
    against(
        (lane, connection) -> {
          lane.agree();
          while (true) {
            byte[] request = lane.next();
            if (request.length == 0) {
              return;
            }
            byte[] answer = answer(RawLane.tag(request));
            lane.send(answer);
            if (odd.compareAndSet(true, false)) {
              lane.send(answer);
            }
          }
        },
        (server, caller) -> {
          assertThat(caller.call(Interop.ADD, FORTY_TWO)).isEqualTo(42);
          // On the lane that fails, or on the next one.
          Throwable failed = catchThrowable(() -> caller.call(Interop.ADD, FORTY_TWO));
          assertThat(failed == null || ((RpcException) failed).kind() == Kind.BAD_MESSAGE)
              .as("%s", failed)
              .isTrue();
          while (server.lanes.get() < 2) {
            assertThat(caller.call(Interop.ADD, FORTY_TWO)).isEqualTo(42);
          }
          assertThat(server.connections).hasValue(1);
        });
  }

  @Test
  void aStreamOfTheServersIsIgnored() throws Exception {
    against(
        (lane, connection) -> {
          lane.agree();
          connection.openBidirectional().send(new byte[] {1});
          lane.send(answer(RawLane.tag(lane.next())));
        },
        (server, caller) -> assertThat(caller.call(Interop.ADD, FORTY_TWO)).isEqualTo(42));
  }
}
