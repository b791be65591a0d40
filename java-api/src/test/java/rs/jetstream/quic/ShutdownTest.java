package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.InterruptedIOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;

@Timeout(60)
@ExtendWith(LeakExtension.class)
final class ShutdownTest {
  @Test
  void openStreamsFinishAndNobodyNewGetsIn() throws Exception {
    try (Loopback loopback = new Loopback()) {
      BidirectionalStream ours = loopback.clientConnection.openBidirectional();
      ours.send(new byte[] {1});
      BidirectionalStream theirs = loopback.serverConnection.acceptBidirectional(Loopback.SOON);
      try (QuicConnection idle = Loopback.connect(loopback.client, loopback.server);
          QuicConnection idleThere = loopback.server.accept(Loopback.SOON)) {
        Waiting shutdown = Waiting.in(true, () -> loopback.server.shutdown(Loopback.SOON));
        ConnectionException refused =
            catchThrowableOfType(
                ConnectionException.class,
                () -> Loopback.connect(loopback.client, loopback.server));
        assertThat(refused.code()).isEqualTo(2);
        // A connection without streams is closed at once, and the one that works is not.
        assertThat(idle.onClose().get().kind()).isEqualTo(Kind.APPLICATION_CLOSE);
        assertThat(idleThere.isClosed()).isTrue();
        theirs.sendAndFinish(new byte[] {2});
        theirs.flush();
        assertThat(ours.receiveAll(10)).containsExactly(2);
        theirs.close();
        ShutdownReport report = (ShutdownReport) shutdown.value();
        assertThat(report.finished()).isEqualTo(2);
        assertThat(report.closed()).isZero();
        assertThat(report.streamsCut()).isZero();
        assertThat(report.refused()).isPositive();
        assertThat(loopback.server.isClosed()).isTrue();
      }
    }
  }

  @Test
  void restIsClosedAtTheDeadlineAndCounted() throws Exception {
    try (Loopback loopback = new Loopback()) {
      BidirectionalStream ours = loopback.clientConnection.openBidirectional();
      ours.send(new byte[] {1});
      try (BidirectionalStream theirs =
          loopback.serverConnection.acceptBidirectional(Loopback.SOON)) {
        ShutdownReport report = loopback.server.shutdown(Duration.ofMillis(50));
        assertThat(report.closed()).isEqualTo(1);
        assertThat(report.streamsCut()).isEqualTo(1);
        assertThat(report.finished()).isZero();
        assertThat(report.took()).isGreaterThanOrEqualTo(Duration.ofMillis(50));
        assertThat(theirs.isClosed()).isTrue();
      }
    }
  }

  @Test
  void interruptClosesAtOnce() throws Exception {
    try (Loopback loopback = new Loopback()) {
      BidirectionalStream ours = loopback.clientConnection.openBidirectional();
      ours.send(new byte[] {1});
      BidirectionalStream theirs = loopback.serverConnection.acceptBidirectional(Loopback.SOON);
      Waiting shutdown = Waiting.in(true, () -> loopback.server.shutdown(Duration.ofDays(1)));
      shutdown.interrupt();
      Waiting.Outcome outcome = shutdown.outcome();
      assertThat(outcome.failure()).isInstanceOf(InterruptedIOException.class);
      assertThat(outcome.interrupted()).isTrue();
      assertThat(loopback.server.isClosed()).isTrue();
      theirs.close();
    }
  }
}
