package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sending what there is room for, to a peer that reads nothing. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class TrySendTest {
  private static final int SIZE = 8 << 20;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void takesWhatThereIsRoomForAndArrivesInOrder(boolean nativeMemory) throws Exception {
    byte[] all = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      all[i] = (byte) (i >> 10);
    }
    try (Scene scene = new Scene();
        Arena arena = Arena.ofConfined()) {
      MemorySegment data = MemorySegment.ofArray(all);
      if (nativeMemory) {
        data = arena.allocate(SIZE).copyFrom(data);
      }
      long sent = 0;
      for (long taken; (taken = scene.stream.trySend(data.asSlice(sent))) > 0; ) {
        sent += taken;
      }
      assertThat(sent).isPositive().isLessThan(SIZE);
      byte[] received = new byte[(int) sent];
      MemorySegment target = MemorySegment.ofArray(received);
      for (long at = 0; at < sent; ) {
        at += scene.peer.receive(target.asSlice(at));
      }
      assertThat(received).isEqualTo(Arrays.copyOf(all, (int) sent));
      // There is room again, sooner or later; a blocking send is where one waits for it.
      scene.stream.send(new byte[] {1});
    }
  }

  @Test
  void smallDataOnTheHeapIsTakenAtOnce() throws Exception {
    try (Loopback loopback = new Loopback();
        BidirectionalStream stream = loopback.clientConnection.openBidirectional()) {
      assertThat(stream.trySend(MemorySegment.ofArray(new byte[100]))).isEqualTo(100);
      stream.finish();
      try (BidirectionalStream peer =
          loopback.serverConnection.acceptBidirectional(Loopback.SOON)) {
        assertThat(peer.receiveAll(100)).hasSize(100);
      }
    }
  }

  @Test
  void aClosedStreamTakesNothing() throws Exception {
    try (Loopback loopback = new Loopback()) {
      BidirectionalStream stream = loopback.clientConnection.openBidirectional();
      stream.close();
      assertThatThrownBy(() -> stream.trySend(MemorySegment.ofArray(new byte[1])))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
