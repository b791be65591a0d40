package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.Scene.Operation;

/** Whatever waits, and whatever ends it on this side. */
@Timeout(30)
@ExtendWith(LeakExtension.class)
final class ClosingMatrixTest {
  enum Ending {
    FINISH,
    RESET,
    STOP_SENDING,
    CLOSE_STREAM,
    CLOSE_CONNECTION,
    CLOSE_ENDPOINT,
    INTERRUPT,
    DEADLINE
  }

  static Stream<Arguments> pairs() {
    return Stream.of(Operation.values())
        .flatMap(operation ->
            endings(operation).stream()
                .flatMap(ending ->
                    Stream.of(true, false)
                        .map(virtual -> Arguments.of(operation, ending, virtual))));
  }

  private static Set<Ending> endings(Operation operation) {
    return switch (operation) {
      case SEND, RECEIVE -> EnumSet.allOf(Ending.class);
      // Of a stream that does not exist yet nothing can be ended.
      case ACCEPT_STREAM, OPEN ->
          EnumSet.of(
              Ending.CLOSE_CONNECTION, Ending.CLOSE_ENDPOINT, Ending.INTERRUPT, Ending.DEADLINE);
      case CONNECT, ACCEPT_CONNECTION ->
          EnumSet.of(Ending.CLOSE_ENDPOINT, Ending.INTERRUPT, Ending.DEADLINE);
    };
  }

  @ParameterizedTest(name = "{0} ended by {1}, virtual {2}")
  @MethodSource("pairs")
  void whoeverWaitsEndsAsDefined(Operation operation, Ending ending, boolean virtual)
      throws Exception {
    try (Scene scene = new Scene()) {
      Duration timeout = ending == Ending.DEADLINE ? Duration.ofMillis(100) : null;
      Waiting waiting = Waiting.in(virtual, () -> scene.call(operation, timeout));
      end(scene, operation, ending, waiting);
      if (endsTheOtherDirection(operation, ending)) {
        if (operation == Operation.SEND) {
          scene.drain();
        } else {
          scene.peer.send(new byte[5]);
        }
        assertThat(waiting.value()).isEqualTo(operation == Operation.SEND ? Scene.TOO_MUCH : 5);
        return;
      }
      switch (ending) {
        case INTERRUPT -> {
          Waiting.Outcome outcome = waiting.outcome();
          assertThat(outcome.failure()).isInstanceOf(InterruptedIOException.class);
          assertThat(outcome.interrupted()).isTrue();
          scene.callThatSucceeds(operation);
        }
        case DEADLINE -> {
          assertThat(waiting.failure().kind()).isEqualTo(Kind.DEADLINE);
          scene.callThatSucceeds(operation);
        }
        case FINISH, RESET, STOP_SENDING ->
            assertThat(waiting.failure().kind()).isEqualTo(Kind.STREAM_ENDED_LOCALLY);
        case CLOSE_STREAM, CLOSE_CONNECTION, CLOSE_ENDPOINT -> {
          JetStreamException failure = waiting.failure();
          assertThat(failure.kind()).as("%s", failure).isEqualTo(Kind.CLOSED_LOCALLY);
        }
      }
    }
  }

  private static boolean endsTheOtherDirection(Operation operation, Ending ending) {
    return operation == Operation.SEND
        ? ending == Ending.STOP_SENDING
        : ending == Ending.FINISH || ending == Ending.RESET;
  }

  private static void end(Scene scene, Operation operation, Ending ending, Waiting waiting)
      throws IOException {
    switch (ending) {
      case FINISH -> scene.stream.finish();
      case RESET -> scene.stream.reset(3);
      case STOP_SENDING -> scene.stream.stopSending(3);
      case CLOSE_STREAM -> scene.stream.close();
      case CLOSE_CONNECTION -> scene.loopback.clientConnection.close(3);
      case CLOSE_ENDPOINT -> {
        if (operation == Operation.ACCEPT_CONNECTION) {
          scene.loopback.server.close();
        } else {
          scene.loopback.client.close();
        }
      }
      case INTERRUPT -> waiting.interrupt();
      case DEADLINE -> {} // comes by itself
    }
  }
}
