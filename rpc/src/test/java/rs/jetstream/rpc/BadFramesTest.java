package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.wire.MessageType;
import rs.jetstream.wire.Unit;

/** Sizes that are none: refused before anything is allocated, and no other lane is touched. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class BadFramesTest {
  private static final int LIMIT = 1 << 16;

  private static byte[] sized(int size) {
    byte[] frame = RawLane.request(Interop.PING, 2, Unit.INSTANCE);
    MemorySegment.ofArray(frame).set(ValueLayout.JAVA_INT_UNALIGNED, 0, size);
    return frame;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, LIMIT + 1, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
  void aSizeOutOfItsRangeEndsTheLaneAndNoOther(int size) throws Exception {
    try (Ends ends = new Ends(it -> it.maxFrame(LIMIT), it -> it);
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane other = raw.lane();
        RawLane lane = raw.lane()) {
      lane.send(sized(size));
      lane.assertEndedAndStopped();
      other.send(RawLane.request(Interop.PING, 2, Unit.INSTANCE));
      assertThat(other.next()).isEqualTo(RawLane.response(Interop.PING, 2, Unit.INSTANCE));
    }
  }

  @Test
  void theLargestFrameIsTaken() throws Exception {
    try (Ends ends = new Ends(it -> it.maxFrame(LIMIT), it -> it);
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      byte[] largest =
          RawLane.request(Interop.BLOB, 2, MemorySegment.ofArray(new byte[LIMIT - 11]));
      assertThat(largest).hasSize(LIMIT);
      lane.send(largest);
      assertThat(lane.next()).hasSize(LIMIT);
    }
  }

  @Test
  void aHundredPromisesOfThirtyTwoMebibytesCostNothing() throws Exception {
    try (Ends ends = new Ends(it -> it.maxFrame(32 << 20), it -> it);
        Ends.Raw raw = new Ends.Raw(ends.server)) {
      List<RawLane> lanes = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        lanes.add(raw.lane());
      }
      System.gc();
      long before = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      for (RawLane lane : lanes) {
        lane.send(sized(32 << 20));
      }
      ends.caller.call(Interop.PING, Unit.INSTANCE);
      System.gc();
      long after = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      assertThat(after - before).isLessThan(100 * (64 << 10));
      lanes.forEach(RawLane::close);
    }
  }

  @Test
  void aRequestUnderATagThatIsInUseEndsTheLane() throws Exception {
    try (Ends ends = new Ends();
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      lane.send(
          RawLane.request(Interop.DELAY, 9, new Interop.Two<>(100L, 1L)),
          RawLane.request(Interop.DELAY, 9, new Interop.Two<>(0L, 2L)));
      assertThat(lane.next()).isEqualTo(RawLane.response(Interop.DELAY, 9, 1L));
      lane.assertEndedAndStopped();
    }
  }

  @Test
  void aVersionThatCannotBeReadEndsTheLane() throws Exception {
    try (Ends ends = new Ends();
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      lane.send(new byte[] {8, 0, 0, 0, MessageType.VERSION_REQUEST, 3, 0, 1});
      assertThat(RawLane.type(lane.next())).isEqualTo(MessageType.ERROR);
      lane.assertEndedAndStopped();
    }
  }
}
