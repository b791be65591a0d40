package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;

@Timeout(60)
@ExtendWith(LeakExtension.class)
final class DatagramTest {
  private static QuicSettings buffer(int bytes) {
    return QuicSettings.builder().datagramBuffer(bytes).build();
  }

  @Test
  void datagramsGoBothWays() throws Exception {
    try (Loopback loopback = new Loopback(buffer(1 << 20), buffer(1 << 20))) {
      Datagrams here = loopback.clientConnection.datagrams();
      Datagrams there = loopback.serverConnection.datagrams();
      for (int size : new int[] {0, 1, 1000, 1100}) {
        byte[] data = new byte[size];
        java.util.Arrays.fill(data, (byte) size);
        assertThat(here.send(data)).isTrue();
        assertThat(there.receive(Loopback.SOON)).isEqualTo(data);
        assertThat(there.send(data)).isTrue();
        assertThat(here.receive(Loopback.SOON)).isEqualTo(data);
      }
      assertThat(here.statistics().sent()).isEqualTo(4);
      assertThat(there.statistics().received()).isEqualTo(4);
      assertThat(here.statistics().largest()).isGreaterThan(1200);
      assertThat(here.statistics().droppedSending()).isZero();
    }
  }

  @Test
  void whatWaitsIsWokenByADatagramItsDeadlineOrTheEnd() throws Exception {
    try (Loopback loopback = new Loopback(buffer(1 << 16), buffer(1 << 16))) {
      Datagrams there = loopback.serverConnection.datagrams();
      Waiting receives = Waiting.in(true, () -> there.receive(Loopback.SOON));
      assertThat(loopback.clientConnection.datagrams().send(new byte[] {9})).isTrue();
      assertThat((byte[]) receives.value()).containsExactly(9);
      StreamException late =
          catchThrowableOfType(StreamException.class, () -> there.receive(Duration.ofMillis(20)));
      assertThat(late.kind()).isEqualTo(Kind.DEADLINE);
      Waiting waits = Waiting.in(true, () -> there.receive(null));
      loopback.clientConnection.close(4);
      assertThat(waits.failure().code()).isEqualTo(4);
      Waiting closed = Waiting.started(true, () -> there.receive(null));
      assertThat(closed.failure().kind()).isEqualTo(Kind.APPLICATION_CLOSE);
    }
  }

  @Test
  void queuesAreBoundedAndWhatIsDroppedIsCounted() throws Exception {
    try (Loopback loopback = new Loopback(buffer(2000), buffer(1 << 20))) {
      Datagrams here = loopback.clientConnection.datagrams();
      Datagrams there = loopback.serverConnection.datagrams();
      int count = 0;
      // One at a time, so that all get there: the receiver keeps what its queue holds.
      while (there.statistics().droppedReceiving() < 5) {
        assertThat(here.send(new byte[] {(byte) count++})).isTrue();
        while (there.statistics().received() < count) {
          Thread.onSpinWait();
        }
      }
      // Each of one byte counts for 65.
      assertThat(count).isEqualTo(2000 / 65 + 5);
      // The oldest are gone.
      assertThat(there.receive(Loopback.SOON)).containsExactly(5);
      Datagrams small = loopback.serverConnection.datagrams();
      assertThat(small.send(new byte[1937])).isFalse();
      assertThat(small.statistics().droppedSending()).isEqualTo(1);
      assertThatThrownBy(() -> here.send(new byte[65_536]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("65536 bytes");
    }
  }

  /**
   * Datagrams that fit into the queue and into no packet: each is taken, and gone before the next.
   */
  @Test
  void queueIsFullAtItsLastByte() throws Exception {
    try (Loopback loopback = new Loopback(buffer(1 << 20), buffer(2000))) {
      Datagrams here = loopback.clientConnection.datagrams();
      long dropped = 0;
      for (int size : new int[] {2000 - 64 - 1, 2000 - 64}) {
        assertThat(here.send(new byte[size])).as("%d bytes", size).isTrue();
        dropped++;
        while (here.statistics().droppedSending() < dropped) {
          Thread.onSpinWait();
        }
      }
      assertThat(here.send(new byte[2000 - 64 + 1])).isFalse();
      assertThat(here.statistics().droppedSending()).isEqualTo(3);
    }
  }

  @Test
  void bothSidesMustAskForThem() throws Exception {
    try (Loopback loopback = new Loopback(QuicSettings.defaults(), buffer(1000))) {
      for (QuicConnection connection :
          new QuicConnection[] {loopback.clientConnection, loopback.serverConnection}) {
        assertThatThrownBy(() -> connection.datagrams().send(new byte[1]))
            .isInstanceOf(UnsupportedOperationException.class)
            .hasMessageContaining("both sides");
        assertThat(connection.datagrams().statistics().largest()).isZero();
      }
    }
  }
}
