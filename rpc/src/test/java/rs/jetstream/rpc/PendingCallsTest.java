package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.rpc.Interop.Two;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.Unit;

/** Calls under way when something ends: all fail at once, none waits for its deadline. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class PendingCallsTest {
  private static final int CALLS = 100;
  private static final Duration LONG = Duration.ofMinutes(10);

  private interface Ending {
    void end(RawLane lane, rs.jetstream.quic.QuicConnection connection) throws Exception;
  }

  /** Calls, blocking and not, that are never answered, until the server does {@code ending}. */
  private static void allFail(Ending ending, Kind kind) throws Exception {
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> {
              lane.agree();
              for (int i = 0; i < CALLS; i++) {
                lane.next();
              }
              ending.end(lane, connection);
            });
        JetStreamClient client = Ends.clientOf(server).open()) {
      Caller caller = client.caller(Interop.SERVICE, CallOptions.defaults().withTimeout(LONG));
      List<CompletableFuture<Unit>> calls = new ArrayList<>();
      for (int i = 0; i < CALLS / 2; i++) {
        calls.add(caller.callAsync(Interop.PING, Unit.INSTANCE));
        CompletableFuture<Unit> blocking = new CompletableFuture<>();
        calls.add(blocking);
        Thread.startVirtualThread(() -> {
          try {
            blocking.complete(caller.call(Interop.PING, Unit.INSTANCE));
          } catch (Exception e) {
            blocking.completeExceptionally(e);
          }
        });
      }
      for (CompletableFuture<Unit> call : calls) {
        Throwable failed =
            catchThrowableOfType(ExecutionException.class, () -> call.get(20, TimeUnit.SECONDS))
                .getCause();
        assertThat(failed).isInstanceOf(RpcException.class);
        assertThat(((RpcException) failed).kind()).as(failed.toString()).isEqualTo(kind);
      }
      assertThat(server.failures).isEmpty();
    }
  }

  @Test
  void failWhenTheServerEndsTheLane() throws Exception {
    allFail((lane, connection) -> lane.stream.finish(), Kind.CLOSED);
  }

  @Test
  void failWhenTheServerResetsTheLane() throws Exception {
    allFail((lane, connection) -> lane.stream.reset(3), Kind.STREAM_RESET);
  }

  @Test
  void failWhenTheServerClosesTheConnection() throws Exception {
    allFail((lane, connection) -> connection.close(4), Kind.APPLICATION_CLOSE);
  }

  @Test
  void failWhenTheServerAnswersNobody() throws Exception {
    allFail(
        (lane, connection) -> lane.send(RawLane.response(Interop.PING, 4000, Unit.INSTANCE)),
        Kind.BAD_MESSAGE);
  }

  @Test
  @SuppressWarnings("try") // closed before its end: that is what is tested
  void failWhenTheClientCloses() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> {
              lane.agree();
              lane.next();
              arrived.countDown();
              lane.next();
            });
        JetStreamClient client = Ends.clientOf(server).open()) {
      CompletableFuture<Unit> call =
          client
              .caller(Interop.SERVICE, CallOptions.defaults().withTimeout(LONG))
              .callAsync(Interop.PING, Unit.INSTANCE);
      arrived.await();
      client.close();
      Throwable failed =
          catchThrowableOfType(ExecutionException.class, () -> call.get(20, TimeUnit.SECONDS))
              .getCause();
      assertThat(((RpcException) failed).kind()).isEqualTo(Kind.CLOSED_LOCALLY);
    }
  }

  @Test
  void areAnsweredByAnErrorWhenTheServerCloses() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    try (Ends ends = new Ends()) {
      ends.handlers.ping =
          (context, nothing) -> {
            arrived.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              assertThat(context.isCancelled()).isTrue();
              interrupted.countDown();
            }
            return Unit.INSTANCE;
          };
      CompletableFuture<Unit> blocked = ends.within(LONG).callAsync(Interop.PING, Unit.INSTANCE);
      CompletableFuture<Long> later =
          ends.within(LONG).callAsync(Interop.DELAY, new Two<>(600_000L, 1L));
      arrived.await();
      ends.caller.call(Interop.ECHO, "both have arrived");
      ends.server.close();
      for (CompletableFuture<?> call : List.of(blocked, later)) {
        RpcException failed =
            (RpcException)
                catchThrowableOfType(ExecutionException.class, () -> call.get(20, TimeUnit.SECONDS))
                    .getCause();
        assertThat(failed.kind()).as(failed.toString()).isEqualTo(Kind.REMOTE_ERROR);
        assertThat(failed.error().map(ErrorMessage::code)).contains("jetstream::rpc::closing");
      }
      interrupted.await();
    }
  }
}
