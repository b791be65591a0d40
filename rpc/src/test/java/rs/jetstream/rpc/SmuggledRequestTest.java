package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.wire.MessageType;
import rs.jetstream.wire.Unit;

/**
 * A request hidden in the surplus bytes of another one. The Rust server answers the outer one and
 * then runs the inner one, or is out of step for good; here neither runs.
 */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class SmuggledRequestTest {
  private static byte[] withSurplus(byte[] outer, byte[] inner) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(outer);
    out.writeBytes(inner);
    byte[] frame = out.toByteArray();
    frame[0] = (byte) frame.length;
    return frame;
  }

  @Test
  void theEmbeddedRequestNeverRuns() throws Exception {
    AtomicInteger echoes = new AtomicInteger();
    AtomicInteger pings = new AtomicInteger();
    try (Ends ends = new Ends();
        Ends.Raw raw = new Ends.Raw(ends.server)) {
      ends.handlers.echo =
          (context, text) -> {
            echoes.incrementAndGet();
            return text;
          };
      ends.handlers.ping =
          (context, nothing) -> {
            pings.incrementAndGet();
            return Unit.INSTANCE;
          };
      for (boolean pieces : new boolean[] {false, true}) {
        try (RawLane lane = raw.lane()) {
          byte[] frame =
              withSurplus(
                  RawLane.request(Interop.ECHO, 2, "outer"),
                  RawLane.request(Interop.PING, 3, Unit.INSTANCE));
          send(lane, frame, pieces);
          byte[] answer = lane.next();
          assertThat(RawLane.type(answer)).isEqualTo(MessageType.ERROR);
          assertThat(RawLane.tag(answer)).isEqualTo(2);
          lane.assertEndedAndStopped();
        }
      }
      // All that was sent before is dealt with when a later lane answers.
      ends.caller.call(Interop.ECHO, "sentinel");
      assertThat(echoes).hasValue(1);
      assertThat(pings).hasValue(0);
    }
  }

  private static void send(RawLane lane, byte[] frame, boolean pieces) throws IOException {
    if (pieces) {
      for (byte b : frame) {
        lane.send(new byte[] {b});
      }
    } else {
      lane.send(frame);
    }
  }

  @Test
  void aTextThatReachesPastItsFrameDoesNotTakeTheNextOne() throws Exception {
    AtomicInteger echoes = new AtomicInteger();
    try (Ends ends = new Ends();
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      ends.handlers.echo =
          (context, text) -> {
            echoes.incrementAndGet();
            return text;
          };
      byte[] request = RawLane.request(Interop.ECHO, 2, "four");
      request[7] = 20; // the text says 20 bytes, the frame has 4
      byte[] next = RawLane.request(Interop.ECHO, 3, "this must stay a frame");
      byte[] both = Arrays.copyOf(request, request.length + next.length);
      System.arraycopy(next, 0, both, request.length, next.length);
      lane.send(both); // at once: the lane may end with the first one
      byte[] answer = lane.next();
      assertThat(RawLane.type(answer)).isEqualTo(MessageType.ERROR);
      assertThat(RawLane.tag(answer)).isEqualTo(2);
      assertThat(lane.next()).isEmpty();
      assertThat(echoes).hasValue(0);
    }
  }
}
