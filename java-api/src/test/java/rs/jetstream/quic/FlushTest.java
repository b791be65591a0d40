package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;

/** Flushing is proof that the peer's transport has it. */
@Timeout(30)
@ExtendWith(LeakExtension.class)
final class FlushTest {
  private static final int SIZE = 500_000;

  @Test
  void whatWasFlushedSurvivesTheCloseOfTheConnection() throws Exception {
    try (Loopback loopback = new Loopback()) {
      SendStream sender = loopback.clientConnection.openUnidirectional();
      sender.sendAndFinish(new byte[SIZE]);
      sender.flush();
      // Taken before the connection's end, which would be told first.
      try (ReceiveStream receiver = loopback.serverConnection.acceptUnidirectional(Loopback.SOON)) {
        assertThat(receiver.receiveAll(SIZE)).hasSize(SIZE);
      }
    }
  }

  @Test
  void aFlushWithoutAnEndReturnsToo() throws Exception {
    try (Scene scene = new Scene()) {
      scene.stream.send(new byte[1000]);
      scene.stream.flush();
      scene.stream.send(new byte[1000]);
      scene.stream.flush();
      scene.stream.finish();
      assertThat(scene.peer.receiveAll(2000)).hasSize(2000);
    }
  }

  @Test
  void aFlushWaitsForThePeersWindow() throws Exception {
    try (Scene scene = new Scene()) {
      // Fits this side's buffer, not the peer's window.
      scene.stream.send(new byte[SIZE]);
      Waiting waiting =
          Waiting.in(
              true,
              () -> {
                scene.stream.flush();
                return "flushed";
              });
      scene.stream.finish();
      assertThat(scene.peer.receiveAll(SIZE)).hasSize(SIZE);
      assertThat(waiting.value()).isEqualTo("flushed");
    }
  }

  @Test
  void aFlushOfAResetStreamFails() throws Exception {
    try (Scene scene = new Scene()) {
      scene.stream.send(new byte[SIZE]);
      Waiting waiting =
          Waiting.in(
              true,
              () -> {
                scene.stream.flush();
                return "flushed";
              });
      scene.stream.reset(1);
      assertThat(waiting.failure().kind()).isEqualTo(Kind.STREAM_ENDED_LOCALLY);
    }
  }

  @Test
  void aFlushOfAStoppedStreamFails() throws Exception {
    try (Scene scene = new Scene()) {
      scene.stream.send(new byte[SIZE]);
      Waiting waiting =
          Waiting.in(
              true,
              () -> {
                scene.stream.flush();
                return "flushed";
              });
      scene.peer.stopSending(4);
      assertThat(waiting.failure().kind()).isEqualTo(Kind.STREAM_RESET);
      assertThat(waiting.failure().code()).isEqualTo(4);
    }
  }
}
