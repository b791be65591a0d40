package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What each side announces is what the other one reads. */
@Timeout(30)
final class TransportParametersTest {
  @Test
  void eachSideReadsTheLimitsThatTheOtherWasGiven() throws Exception {
    QuicSettings server =
        QuicSettings.builder()
            .idleTimeout(Duration.ofSeconds(17))
            .connectionWindow(111_111)
            .streamWindow(222_222)
            .maxRemoteBidirectionalStreams(7)
            .maxRemoteUnidirectionalStreams(3)
            .maxAckDelay(Duration.ofMillis(11))
            .datagramBuffer(4096)
            .build();
    QuicSettings client = QuicSettings.builder().maxRemoteBidirectionalStreams(5).build();
    try (Loopback loopback = new Loopback(server, client)) {
      TransportParameters announced = loopback.clientConnection.peerParameters();
      assertThat(announced.maxIdleTimeout()).isEqualTo(Duration.ofSeconds(17));
      assertThat(announced.initialMaxStreamDataBidiLocal()).isEqualTo(222_222);
      assertThat(announced.initialMaxStreamDataBidiRemote()).isEqualTo(222_222);
      assertThat(announced.initialMaxStreamDataUni()).isEqualTo(222_222);
      assertThat(announced.initialMaxStreamsBidi()).isEqualTo(7);
      assertThat(announced.initialMaxStreamsUni()).isEqualTo(3);
      assertThat(announced.maxAckDelay()).isEqualTo(Duration.ofMillis(11));
      assertThat(announced.maxDatagramFrameSize()).isPositive();
      assertThat(announced.maxUdpPayloadSize()).isGreaterThanOrEqualTo(1200);
      assertThat(announced.activeConnectionIdLimit()).isGreaterThanOrEqualTo(2);
      assertThat(loopback.serverConnection.peerParameters().initialMaxStreamsBidi()).isEqualTo(5);
      assertThat(loopback.serverConnection.peerParameters().maxDatagramFrameSize()).isZero();
    }
  }

  @Test
  void onceReadTheyAreThereWhenTheConnectionHasEnded() throws Exception {
    try (Loopback loopback = new Loopback()) {
      TransportParameters before = loopback.clientConnection.peerParameters();
      loopback.clientConnection.close();
      assertThat(loopback.clientConnection.peerParameters()).isEqualTo(before);
    }
  }
}
