package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.MessageType;

/** Of a limit of N bytes, frames of N - 1 and N pass, and one of N + 1 ends the lane. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class FrameLimitsTest {
  /** What {@link RawLane} agrees on, whatever else the ends would take. */
  private static final int AGREED = 1 << 16;

  private static final int OVERHEAD = 7 + 4;

  private static byte[] request(int tag, int size) {
    return RawLane.request(Interop.BLOB, tag, blob(size));
  }

  /** Makes a frame of {@code size} bytes. */
  private static MemorySegment blob(int size) {
    return MemorySegment.ofArray(new byte[size - OVERHEAD]);
  }

  @Test
  void aServerTakesItsLimitAndNoMore() throws Exception {
    try (Ends ends = new Ends(it -> it.maxFrame(AGREED), it -> it);
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      lane.send(request(2, AGREED - 1));
      assertThat(lane.next()).hasSize(AGREED - 1);
      lane.send(request(2, AGREED));
      assertThat(lane.next()).hasSize(AGREED);
      lane.send(request(2, AGREED + 1));
      lane.assertEndedAndStopped();
    }
  }

  @Test
  void aServerTakesWhatWasAgreedAndNoMore() throws Exception {
    try (Ends ends = new Ends();
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      lane.send(request(2, AGREED - 1));
      assertThat(lane.next()).hasSize(AGREED - 1);
      lane.send(request(2, AGREED));
      assertThat(lane.next()).hasSize(AGREED);
      lane.send(request(7, AGREED + 1));
      byte[] answer = lane.next();
      assertThat(RawLane.type(answer)).isEqualTo(MessageType.ERROR);
      assertThat(RawLane.tag(answer)).isEqualTo(7);
      assertThat(RawLane.payload(answer, ErrorMessage.CODEC).message())
          .isEqualTo("the frame is larger than was agreed");
      lane.assertEndedAndStopped();
    }
  }

  @Test
  void aClientTakesItsLimitAndNoMore() throws Exception {
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> {
              lane.agree();
              for (int size = AGREED - 1; size <= AGREED + 1; size++) {
                int tag = RawLane.tag(lane.next());
                lane.send(RawLane.response(Interop.BLOB, tag, blob(size)));
              }
            });
        JetStreamClient client = Ends.clientOf(server).maxFrame(AGREED).open()) {
      Caller caller = client.caller(Interop.SERVICE);
      MemorySegment small = blob(100);
      for (int size = AGREED - 1; size <= AGREED; size++) {
        assertThat(caller.call(Interop.BLOB, small).byteSize()).isEqualTo(size - OVERHEAD);
      }
      RpcException failed =
          catchThrowableOfType(RpcException.class, () -> caller.call(Interop.BLOB, small));
      assertThat(failed.kind()).as(failed.toString()).isEqualTo(Kind.BAD_FRAME);
      assertThat(server.failures).isEmpty();
    }
  }

  @Test
  void aClientSendsWhatWasAgreedAndNoMore() throws Exception {
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> {
              lane.agree();
              for (int size = AGREED - 1; size <= AGREED; size++) {
                byte[] request = lane.next();
                assertThat(request).hasSize(size);
                lane.send(RawLane.response(Interop.BLOB, RawLane.tag(request), blob(100)));
              }
              assertThat(lane.next()).isEmpty();
            });
        JetStreamClient client = Ends.clientOf(server).open()) {
      Caller caller = client.caller(Interop.SERVICE);
      for (int size = AGREED - 1; size <= AGREED; size++) {
        caller.call(Interop.BLOB, blob(size));
      }
      RpcException failed =
          catchThrowableOfType(
              RpcException.class, () -> caller.call(Interop.BLOB, blob(AGREED + 1)));
      assertThat(failed.kind()).as(failed.toString()).isEqualTo(Kind.NOT_ENCODABLE);
      assertThat(server.failures).isEmpty();
    }
  }
}
