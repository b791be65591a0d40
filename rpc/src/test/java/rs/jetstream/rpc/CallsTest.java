package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.rpc.Interop.Two;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.Unit;

/** Calls that are answered, over QUIC and in the same process. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class CallsTest {
  private interface Body {
    void run(Caller caller) throws Exception;
  }

  /** Also with methods that do not block. */
  private static void overBoth(Body body) throws Exception {
    for (boolean nonBlocking : new boolean[] {false, true}) {
      Interop.Handlers handlers = new Interop.Handlers(nonBlocking);
      try (Ends ends = new Ends(handlers, it -> it, it -> it)) {
        body.run(ends.caller);
      }
      try (InProcessServer server =
              JetStreamServer.builder().service(handlers.dispatcher()).openInProcess();
          JetStreamClient client = JetStreamClient.builder().inProcess(server).open()) {
        body.run(client.caller(Interop.SERVICE));
      }
    }
  }

  @Test
  void resultsComeBack() throws Exception {
    overBoth(caller -> {
      assertThat(caller.call(Interop.PING, Unit.INSTANCE)).isEqualTo(Unit.INSTANCE);
      assertThat(caller.call(Interop.ECHO, "hello →")).isEqualTo("hello →");
      assertThat(caller.call(Interop.ADD, new Two<>(40L, 2L))).isEqualTo(42);
      assertThat(caller.callAsync(Interop.ADD, new Two<>(40L, 2L)).get()).isEqualTo(42);
    });
  }

  @Test
  void largeDataComesBack() throws Exception {
    byte[] bytes = new byte[3 << 20];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ((i * 31) >> 8);
    }
    overBoth(caller ->
        assertThat(
                caller
                    .call(Interop.BLOB, MemorySegment.ofArray(bytes))
                    .toArray(ValueLayout.JAVA_BYTE))
            .isEqualTo(bytes));
  }

  @Test
  void errorsComeBackWithAllTheyHave() throws Exception {
    overBoth(caller -> {
      RpcException failed =
          catchThrowableOfType(
              RpcException.class, () -> caller.call(Interop.DIVIDE, new Two<>(1, 0)));
      assertThat(failed.kind()).isEqualTo(Kind.REMOTE_ERROR);
      assertThat(failed.error().orElseThrow())
          .isEqualTo(
              new ErrorMessage(
                  "division by zero",
                  "interop::divide",
                  "pass a non-zero divisor",
                  "https://example.test/errors/divide",
                  List.of()));
      assertThat(failed).hasMessageContaining("divide").hasMessageContaining("by zero");
      assertThat(failed.getStackTrace()[0].getClassName()).contains("RpcException");
      assertThat(caller.call(Interop.DIVIDE, new Two<>(84, 2))).isEqualTo(42);
      assertThat(
              catchThrowableOfType(
                      ExecutionException.class,
                      () -> caller.callAsync(Interop.DIVIDE, new Two<>(1, 0)).get())
                  .getCause())
          .isInstanceOf(RpcException.class);
    });
  }

  @Test
  void answersComeInTheOrderInWhichTheyAreReady() throws Exception {
    CompletableFuture<Long> first = new CompletableFuture<>();
    try (Ends ends = new Ends()) {
      ends.handlers.delay =
          (context, it) ->
              it.second() == 1 ? first : CompletableFuture.completedFuture(it.second());
      CompletableFuture<Long> slow = ends.caller.callAsync(Interop.DELAY, new Two<>(0L, 1L));
      assertThat(ends.caller.call(Interop.DELAY, new Two<>(0L, 2L))).isEqualTo(2);
      assertThat(slow).isNotDone();
      first.complete(1L);
      assertThat(slow.get(20, TimeUnit.SECONDS)).isEqualTo(1);
    }
  }

  @Test
  void everyCallMayHaveALaneOfItsOwn() throws Exception {
    try (Ends ends = new Ends()) {
      Caller caller =
          ends.client.caller(Interop.SERVICE, CallOptions.defaults().withLanePerCall(true));
      List<CompletableFuture<Long>> sums =
          LongStream.range(0, 100)
              .mapToObj(i -> caller.callAsync(Interop.ADD, new Two<>(i, i)))
              .toList();
      for (int i = 0; i < sums.size(); i++) {
        assertThat(sums.get(i).get()).isEqualTo(2L * i);
      }
    }
  }
}
