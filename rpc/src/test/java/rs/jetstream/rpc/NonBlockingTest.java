package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.JetStreamLibrary;
import rs.jetstream.quic.StreamException;
import rs.jetstream.rpc.Interop.Handlers;
import rs.jetstream.wire.Unit;

/** Methods that do not block, on the endpoint's own thread. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class NonBlockingTest {
  private static final String ENDPOINT = "jetstream-endpoint-";

  private static Ends ends(UnaryOperator<JetStreamServer.Builder> serverSettings) throws Exception {
    Ends ends = new Ends(new Handlers(true), serverSettings, it -> it);
    ends.handlers.whoAmI = (context, nothing) -> Thread.currentThread().toString();
    return ends;
  }

  /** Calls until the lane's thread waits, and the call is taken before it. */
  private static void untilAtOnce(Ends ends) throws Exception {
    String thread;
    do {
      thread = ends.caller.call(Interop.WHO_AM_I, Unit.INSTANCE);
    } while (!thread.contains(ENDPOINT));
  }

  @Test
  void theyRunOnTheEndpointsThreadWithTheirContext() throws Exception {
    try (Ends ends = ends(it -> it)) {
      untilAtOnce(ends);
      AtomicReference<Throwable> wrong = new AtomicReference<>();
      ends.handlers.ping =
          (context, nothing) -> {
            wrong.set(
                catchThrowable(() -> {
                  assertThat(RpcContext.current()).isSameAs(context);
                  assertThat(context.remaining()).isPositive();
                  assertThat(context.peer()).isPresent();
                }));
            return Unit.INSTANCE;
          };
      ends.caller.call(Interop.PING, Unit.INSTANCE);
      assertThat(wrong.get()).isNull();
      ends.handlers.whoAmI =
          (context, nothing) -> String.valueOf(catchThrowable(RpcContext::current));
      assertThat(ends.caller.call(Interop.WHO_AM_I, Unit.INSTANCE)).isEqualTo("null");
    }
  }

  @Test
  void withInterceptorsTheyRunOnVirtualThreads() throws Exception {
    Interceptor waiting =
        (call, next) -> {
          assertThat(Thread.currentThread().isVirtual()).isTrue();
          return next.proceed();
        };
    try (Ends ends = ends(it -> it.interceptor(waiting))) {
      for (int i = 0; i < 50; i++) {
        assertThat(ends.caller.call(Interop.WHO_AM_I, Unit.INSTANCE)).contains("VirtualThread");
      }
    }
  }

  @Test
  void aCallThatWouldWaitIsRefusedThereAndAnAsynchronousOneIsNot() throws Exception {
    try (Ends ends = ends(it -> it)) {
      untilAtOnce(ends);
      LinkedBlockingQueue<CompletableFuture<String>> calls = new LinkedBlockingQueue<>();
      ends.handlers.whoAmI =
          (context, nothing) -> {
            if (!JetStreamLibrary.isEndpointThread()) {
              return "where it may wait";
            }
            calls.add(ends.caller.callAsync(Interop.ECHO, "later"));
            return ends.caller.call(Interop.ECHO, "now");
          };
      RpcException failed;
      do {
        failed =
            catchThrowableOfType(
                RpcException.class, () -> ends.caller.call(Interop.WHO_AM_I, Unit.INSTANCE));
      } while (failed == null);
      assertThat(failed.error()).contains(Errors.INTERNAL);
      assertThat(calls.take().get()).isEqualTo("later");
    }
  }

  @Test
  void oneThatTakesTooLongIsAnsweredForAndNotInterrupted() throws Exception {
    try (Ends ends = ends(it -> it.callTimeout(Duration.ofMillis(200)))) {
      untilAtOnce(ends);
      AtomicReference<Boolean> interrupted = new AtomicReference<>();
      CountDownLatch returned = new CountDownLatch(1);
      ends.handlers.ping =
          (context, nothing) -> {
            while (!context.isCancelled()) {
              Thread.onSpinWait();
            }
            interrupted.set(Thread.currentThread().isInterrupted());
            returned.countDown();
            return Unit.INSTANCE;
          };
      RpcException failed =
          catchThrowableOfType(
              RpcException.class, () -> ends.caller.call(Interop.PING, Unit.INSTANCE));
      assertThat(failed.error()).contains(Errors.DEADLINE);
      returned.await();
      assertThat(interrupted.get()).isFalse();
      assertThat(ends.caller.call(Interop.ECHO, "next")).isEqualTo("next");
    }
  }

  @Test
  void allThatComeAtOnceAreAnsweredOnce() throws Exception {
    try (Ends ends = ends(it -> it.maxCallsPerLane(8));
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      byte[] request = RawLane.request(Interop.ECHO, 0, "text");
      byte[] all = new byte[1000 * request.length];
      for (int tag = 0; tag < 1000; tag++) {
        request[5] = (byte) tag;
        request[6] = (byte) (tag >> 8);
        System.arraycopy(request, 0, all, tag * request.length, request.length);
      }
      lane.send(all);
      Set<Integer> answered = new HashSet<>();
      for (int i = 0; i < 1000; i++) {
        byte[] answer = lane.next();
        assertThat(RawLane.payload(answer, Interop.ECHO.result())).isEqualTo("text");
        answered.add(RawLane.tag(answer));
      }
      assertThat(answered).hasSize(1000);
    }
  }

  @Test
  void answersThatNobodyReadsAreNotMadeWithoutEnd() throws Exception {
    String text = "x".repeat(1000);
    AtomicInteger runs = new AtomicInteger();
    try (Ends ends = ends(it -> it);
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      ends.handlers.echo =
          (context, it) -> {
            runs.incrementAndGet();
            return it;
          };
      byte[] request = RawLane.request(Interop.ECHO, 1, text);
      lane.stream.timeout(Duration.ofMillis(500));
      StreamException stalled =
          catchThrowableOfType(
              StreamException.class,
              () -> {
                for (int tag = 1; tag < 500_000; tag++) {
                  request[5] = (byte) tag;
                  request[6] = (byte) (tag >> 8);
                  lane.send(request);
                }
              });
      assertThat(stalled.kind()).isEqualTo(Kind.DEADLINE);
      // The client's window, the send buffer and what the lane holds.
      assertThat((long) runs.get() * text.length()).isLessThan(64L << 20);
      assertThat(ends.caller.call(Interop.PING, Unit.INSTANCE)).isEqualTo(Unit.INSTANCE);
    }
  }

  /** Makes calls until {@code at} is where a future of one is completed. */
  private static void untilCompletedAt(Caller caller, String at) throws Exception {
    String thread;
    do {
      CompletableFuture<String> completed = new CompletableFuture<>();
      var _ =
          caller
              .callAsync(Interop.ECHO, "text")
              .thenAccept(text -> completed.complete(Thread.currentThread().toString()));
      thread = completed.get();
    } while (!thread.contains(at));
  }

  @Test
  void futuresAreCompletedOnTheEndpointsThreadWhereThatIsAskedForAlone() throws Exception {
    try (Ends ends = ends(it -> it)) {
      Caller atOnce =
          ends.client.caller(Interop.SERVICE, CallOptions.defaults().withCompletionAtOnce(true));
      untilCompletedAt(atOnce, ENDPOINT);
      for (int i = 0; i < 100; i++) {
        AtomicReference<Boolean> endpoint = new AtomicReference<>();
        ends.caller
            .callAsync(Interop.ECHO, "text")
            .thenAccept(text -> endpoint.set(JetStreamLibrary.isEndpointThread()))
            .get();
        assertThat(endpoint.get()).isFalse();
      }
      // Errors keep the way that they had.
      CompletableFuture<Boolean> failed =
          atOnce
              .callAsync(Interop.DIVIDE, new Interop.Two<>(1, 0))
              .handle((result, failure) -> JetStreamLibrary.isEndpointThread());
      assertThat(failed.get()).isFalse();
    }
  }

  @Test
  void aCallMayFollowFromAnAnswerAndOneThatWouldWaitIsRefused() throws Exception {
    try (Ends ends = ends(it -> it)) {
      Caller atOnce =
          ends.client.caller(Interop.SERVICE, CallOptions.defaults().withCompletionAtOnce(true));
      untilCompletedAt(atOnce, ENDPOINT);
      CompletableFuture<String> chain = CompletableFuture.completedFuture("");
      for (int i = 0; i < 100; i++) {
        chain = chain.thenCompose(text -> atOnce.callAsync(Interop.ECHO, text + "x"));
      }
      assertThat(chain.get()).hasSize(100);
      Throwable refused;
      do {
        refused =
            catchThrowable(
                atOnce
                        .callAsync(Interop.ECHO, "text")
                        .thenAccept(text -> {
                          try {
                            ends.caller.call(Interop.ECHO, text);
                          } catch (IOException e) {
                            throw new UncheckedIOException(e);
                          }
                        })
                    ::get);
        // It may have come to a thread that may wait.
      } while (refused == null);
      assertThat(refused.getCause())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("endpoint's own thread");
      assertThat(ends.caller.call(Interop.ECHO, "next")).isEqualTo("next");
    }
  }

  @Test
  void aServerThatClosesAmongCallsAnswersOrEndsThemAll() throws Exception {
    for (int round = 0; round < 10; round++) {
      try (Ends ends = ends(it -> it)) {
        untilAtOnce(ends);
        CountDownLatch running = new CountDownLatch(4);
        CompletableFuture<?>[] callers = new CompletableFuture<?>[4];
        for (int i = 0; i < callers.length; i++) {
          callers[i] =
              CompletableFuture.supplyAsync(
                  () ->
                      catchThrowable(() -> {
                        while (true) {
                          ends.caller.call(Interop.PING, Unit.INSTANCE);
                          running.countDown();
                        }
                      }),
                  Thread::startVirtualThread);
        }
        running.await();
        ends.server.close();
        for (CompletableFuture<?> caller : callers) {
          assertThat(caller.get()).isInstanceOf(RpcException.class);
        }
      }
    }
  }
}
