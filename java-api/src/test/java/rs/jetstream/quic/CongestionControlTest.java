package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
@ExtendWith(LeakExtension.class)
final class CongestionControlTest {
  @ParameterizedTest
  @EnumSource
  void eachControlCarriesData(CongestionControl control) throws Exception {
    QuicSettings settings = QuicSettings.builder().congestionControl(control).build();
    byte[] data = new byte[5_000_000];
    data[data.length - 1] = 1;
    try (Loopback loopback = new Loopback(settings, settings)) {
      Waiting send =
          Waiting.started(
              true,
              () -> {
                try (SendStream stream = loopback.clientConnection.openUnidirectional()) {
                  stream.sendAndFinish(MemorySegment.ofArray(data));
                  stream.flush();
                }
                return true;
              });
      try (ReceiveStream theirs = loopback.serverConnection.acceptUnidirectional(Loopback.SOON)) {
        assertThat(theirs.receiveAll(data.length)).isEqualTo(data);
      }
      assertThat(send.value()).isEqualTo(true);
      assertThat(loopback.clientConnection.statistics().congestionWindow()).isPositive();
    }
  }
}
