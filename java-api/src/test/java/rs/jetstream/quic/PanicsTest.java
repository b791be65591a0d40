package rs.jetstream.quic;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import rs.jetstream.quic.JetStreamException.Kind;

/** Panics of the native half, provoked where each would be dangerous, are exceptions. */
@Tag("test-hooks")
@Timeout(30)
@ExtendWith(LeakExtension.class)
final class PanicsTest {
  private static final int EXPORT = 0;
  private static final int SUBSCRIBER = 1;
  private static final int TLS_CALLBACK = 2;
  private static final int ENDPOINT = 3;
  private static final int STATUS_PANICKED = -4;

  @Test
  void aPanicInAnExportEndsThatStreamAlone() throws Exception {
    try (Scene scene = new Scene()) {
      long before = JetStreamLibrary.counters().panics();
      assertThat(panic(EXPORT, ((AbstractStream) scene.stream).handle()))
          .isEqualTo(STATUS_PANICKED);
      assertThat(JetStreamLibrary.counters().panics()).isEqualTo(before + 1);
      JetStreamException failure =
          catchThrowableOfType(JetStreamException.class, () -> scene.stream.send(new byte[1]));
      assertThat(failure.kind()).isEqualTo(Kind.PANIC);
      scene.peer.send(new byte[3]); // the other direction of the same stream
      assertThat(scene.stream.receive(new byte[8])).isEqualTo(3);
      scene.stream.close();
      JetStreamException seen =
          catchThrowableOfType(JetStreamException.class, () -> scene.peer.receiveAll(100));
      assertThat(seen.kind()).as("half a message never looks whole").isEqualTo(Kind.STREAM_RESET);
      scene.peer.close();
      assertThatCallsWork(scene.loopback.clientConnection, scene.loopback.serverConnection);
    }
  }

  @Test
  void aPanicInTheSubscriberEndsThatConnectionAlone() throws Exception {
    try (Loopback loopback = new Loopback()) {
      assertThat(panic(SUBSCRIBER, 0)).isZero();
      JetStreamException failure =
          catchThrowableOfType(
              JetStreamException.class,
              () -> {
                QuicConnection connection = Loopback.connect(loopback.client, loopback.server);
                // It was the server that panicked: before this, and it drops the connection, or
                // after.
                try (QuicConnection far = loopback.server.accept(Duration.ofMillis(500))) {
                  assertThat(far.isClosed()).isFalse();
                } catch (ConnectionException e) {
                  assertThat(e.kind()).isEqualTo(Kind.DEADLINE);
                }
                connection.acceptBidirectional(Loopback.SOON);
              });
      // The client's own panic, or the close of the server that panicked.
      assertThat(failure.kind()).as("%s", failure).isIn(Kind.PANIC, Kind.APPLICATION_CLOSE);
      assertThatCallsWork(loopback.clientConnection, loopback.serverConnection);
      assertThatConnectingWorks(loopback);
    }
  }

  @Test
  void aPanicInACallbackOfTlsRefusesThatHandshakeAlone() throws Exception {
    try (Loopback loopback = new Loopback()) {
      assertThat(panic(TLS_CALLBACK, 0)).isZero();
      JetStreamException failure =
          catchThrowableOfType(
              JetStreamException.class,
              () ->
                  loopback.client.connect(
                      loopback.server.localAddress(), "localhost", Duration.ofSeconds(3)));
      // The server's refusal does not always reach the client here: then the client's deadline
      // ends it.
      assertThat(failure.kind()).as("%s", failure).isIn(Kind.HANDSHAKE_REFUSED, Kind.DEADLINE);
      assertThatCallsWork(loopback.clientConnection, loopback.serverConnection);
      assertThatConnectingWorks(loopback);
    }
  }

  @Test
  void aPanicOfTheWholeEndpointIsToldToAllWhoWait() throws Exception {
    try (Scene scene = new Scene();
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> waiting = executor.submit(() -> scene.stream.receive(new byte[1]));
      Future<?> accepting =
          executor.submit(() -> scene.loopback.clientConnection.acceptBidirectional());
      assertThat(panic(ENDPOINT, 0)).isZero();
      // The client's endpoint is where a connection begins first.
      assertKind(
          Kind.PANIC, () -> Loopback.connect(scene.loopback.client, scene.loopback.server).close());
      assertThat(assertThrows(ExecutionException.class, waiting::get).getCause())
          .isInstanceOfSatisfying(
              JetStreamException.class, e -> assertThat(e.kind()).isEqualTo(Kind.PANIC));
      assertThat(assertThrows(ExecutionException.class, accepting::get).getCause())
          .isInstanceOfSatisfying(
              JetStreamException.class, e -> assertThat(e.kind()).isEqualTo(Kind.PANIC));
      assertKind(Kind.PANIC, () -> scene.stream.send(new byte[1]));
      assertKind(Kind.PANIC, () -> scene.loopback.clientConnection.openBidirectional().close());
    }
    try (Loopback again = new Loopback()) {
      assertThatCallsWork(again.clientConnection, again.serverConnection);
    }
  }

  private static void assertKind(Kind kind, Executable call) {
    JetStreamException failure = assertThrows(JetStreamException.class, call);
    assertThat(failure.kind()).as("%s", failure).isEqualTo(kind);
  }

  private static void assertThatConnectingWorks(Loopback loopback) throws Exception {
    try (QuicConnection near = Loopback.connect(loopback.client, loopback.server)) {
      while (true) {
        QuicConnection far = loopback.server.accept(Loopback.SOON);
        // One that the client gave up may have come first.
        if (far.closeReason().isEmpty()) {
          assertThatCallsWork(near, far);
          return;
        }
        far.close();
      }
    }
  }

  private static void assertThatCallsWork(QuicConnection near, QuicConnection far)
      throws Exception {
    try (BidirectionalStream call = near.openBidirectional(Loopback.SOON)) {
      call.sendAndFinish(new byte[32]);
      try (BidirectionalStream answer = far.acceptBidirectional(Loopback.SOON)) {
        answer.sendAndFinish(answer.receiveAll(32));
      }
      assertThat(call.receiveAll(32)).hasSize(32);
    }
  }

  @SuppressWarnings("restricted") // only the tests' build of the library has this function
  private static int panic(int domain, long stream) throws Exception {
    Path library = Path.of(System.getProperty("jetstream.native.path"));
    MethodHandle function =
        Linker.nativeLinker()
            .downcallHandle(
                SymbolLookup.libraryLookup(library, Arena.global())
                    .find("jetstream_test_panic")
                    .orElseThrow(),
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
    try {
      return (int) function.invokeExact(domain, stream, MemorySegment.NULL);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
