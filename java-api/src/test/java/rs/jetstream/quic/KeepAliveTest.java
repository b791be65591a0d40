package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;

@Timeout(60)
@ExtendWith(LeakExtension.class)
final class KeepAliveTest {
  private static final Duration IDLE = Duration.ofSeconds(2);

  private static Loopback loopback(KeepAlive mode) throws Exception {
    QuicSettings settings =
        QuicSettings.builder()
            .idleTimeout(IDLE)
            .keepAlivePeriod(Duration.ofMillis(200))
            .keepAlive(mode)
            .build();
    return new Loopback(QuicSettings.defaults(), settings);
  }

  /** The kind of the end of {@code connection}, or null when it outlives its idle timeout. */
  private static Kind endWithin(QuicConnection connection, Duration time) throws Exception {
    try {
      return connection.onClose().get(time.toMillis(), TimeUnit.MILLISECONDS).kind();
    } catch (java.util.concurrent.TimeoutException e) {
      return null;
    }
  }

  @Test
  void connectionOnWhichACallWaitsOutlivesItsIdleTimeoutAndNoOtherDoes() throws Exception {
    try (Loopback loopback = loopback(KeepAlive.WHILE_WAITING)) {
      BidirectionalStream stream = loopback.clientConnection.openBidirectional();
      stream.send(new byte[1]);
      BidirectionalStream theirs = loopback.serverConnection.acceptBidirectional(Loopback.SOON);
      assertThat(theirs.receive(new byte[1])).isEqualTo(1);
      Waiting waits = Waiting.in(true, () -> stream.receive(new byte[1]));
      assertThat(endWithin(loopback.clientConnection, IDLE.plusMillis(500))).isNull();
      theirs.send(new byte[1]);
      assertThat(waits.value()).isEqualTo(1);
      // Nobody waits any more.
      assertThat(endWithin(loopback.clientConnection, IDLE.multipliedBy(5)))
          .isEqualTo(Kind.IDLE_TIMEOUT);
    }
  }

  @Test
  void alwaysIsFromTheStart() throws Exception {
    try (Loopback loopback = loopback(KeepAlive.ALWAYS)) {
      assertThat(endWithin(loopback.clientConnection, IDLE.plusMillis(500))).isNull();
    }
  }

  @Test
  void neverMeansNeverButForWhoAsks() throws Exception {
    try (Loopback loopback = loopback(KeepAlive.NEVER)) {
      try (QuicConnection asks = Loopback.connect(loopback.client, loopback.server)) {
        asks.keepAlive(true);
        assertThat(endWithin(loopback.clientConnection, IDLE.multipliedBy(5)))
            .isEqualTo(Kind.IDLE_TIMEOUT);
        assertThat(asks.closeReason()).isEmpty();
      }
    }
  }
}
