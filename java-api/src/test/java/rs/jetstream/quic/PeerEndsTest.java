package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.Scene.Operation;

/** Whatever waits, and whatever the peer ends. */
@Timeout(30)
@ExtendWith(LeakExtension.class)
final class PeerEndsTest {
  private static final long LARGEST = (1L << 62) - 1;

  @ParameterizedTest
  @ValueSource(longs = {0, 7, LARGEST})
  void aResetReachesWhoReceives(long code) throws Exception {
    try (Scene scene = new Scene()) {
      Waiting waiting = Waiting.in(true, () -> scene.call(Operation.RECEIVE, null));
      scene.peer.reset(code);
      assertStreamReset(waiting.failure(), code);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 7, LARGEST})
  void aStopReachesWhoSends(long code) throws Exception {
    try (Scene scene = new Scene()) {
      Waiting waiting = Waiting.in(true, () -> scene.call(Operation.SEND, null));
      scene.peer.stopSending(code);
      assertStreamReset(waiting.failure(), code);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SEND", "RECEIVE"})
  void aStreamThatIsClosedUnfinishedIsReset(Operation operation) throws Exception {
    try (Scene scene = new Scene()) {
      Waiting waiting = Waiting.in(true, () -> scene.call(operation, null));
      scene.peer.close();
      assertStreamReset(waiting.failure(), QuicSettings.defaults().abandonedStreamCode());
    }
  }

  @Test
  void aFinishIsTheCleanEnd() throws Exception {
    try (Scene scene = new Scene()) {
      Waiting waiting = Waiting.in(true, () -> scene.call(Operation.RECEIVE, null));
      scene.peer.finish();
      assertThat(waiting.value()).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SEND, true", "RECEIVE, true", "ACCEPT_STREAM, true", "OPEN, true",
    "SEND, false", "RECEIVE, false", "ACCEPT_STREAM, false", "OPEN, false"
  })
  void aCloseWithACodeReachesAll(Operation operation, boolean ofTheConnection) throws Exception {
    try (Scene scene = new Scene()) {
      Waiting waiting = Waiting.in(true, () -> scene.call(operation, null));
      if (ofTheConnection) {
        scene.loopback.serverConnection.close(42);
      } else {
        scene.loopback.server.close(42, Duration.ofSeconds(1));
      }
      JetStreamException failure = waiting.failure();
      assertThat(failure).isInstanceOf(ConnectionException.class);
      assertThat(failure.kind()).as("%s", failure).isEqualTo(Kind.APPLICATION_CLOSE);
      assertThat(failure.code()).isEqualTo(42);
      assertThat(failure.initiator()).isEqualTo(Initiator.REMOTE);
      assertThat(scene.loopback.clientConnection.closeReason())
          .hasValueSatisfying(why -> assertThat(why.code()).isEqualTo(42));
    }
  }

  private static void assertStreamReset(JetStreamException failure, long code) {
    assertThat(failure).isInstanceOf(StreamException.class);
    assertThat(failure.kind()).as("%s", failure).isEqualTo(Kind.STREAM_RESET);
    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.initiator()).isEqualTo(Initiator.REMOTE);
  }
}
