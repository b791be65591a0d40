package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.PeerIdentity;
import rs.jetstream.rpc.Interop.Handlers;
import rs.jetstream.rpc.Interop.Two;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.MessageType;
import rs.jetstream.wire.Unit;

/** Handlers that fail, in all ways: their call fails, and nothing else does. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class HandlersTest {
  /** Within it the call after a failed one is answered. */
  private static final Duration NEXT = Duration.ofMillis(100);

  /**
   * A machine that is busy with other things makes some calls late; a call that waits for what
   * failed before it, or that pays for it, is late every time. So the best try counts.
   */
  private static final int TRIES = 50;

  private static final String SECRET = "password=hunter2";

  private static RpcException failure(Caller caller) {
    return catchThrowableOfType(RpcException.class, () -> caller.call(Interop.PING, Unit.INSTANCE));
  }

  private static void failsAlone(Handler.Blocking<Unit, Unit> ping) throws Exception {
    for (boolean nonBlocking : new boolean[] {false, true}) {
      // One lane: the next call goes where the failed one went.
      try (Ends ends = new Ends(new Handlers(nonBlocking), it -> it, it -> it.lanesPerService(1))) {
        ends.caller.call(Interop.ECHO, "the lane is open");
        ends.handlers.ping = ping;
        nextIsSoonAnswered(
            ends,
            () -> {
              RpcException failed = failure(ends.caller);
              assertThat(failed.kind()).isEqualTo(Kind.REMOTE_ERROR);
              assertThat(failed.error()).contains(Errors.INTERNAL);
            });
      }
    }
  }

  /** Does what fails and then a call, until that call was answered in time. */
  private static void nextIsSoonAnswered(Ends ends, ThrowingRunnable fails) throws Exception {
    long best = Long.MAX_VALUE;
    for (int i = 0; i < TRIES && best > NEXT.toNanos(); i++) {
      fails.run();
      long start = System.nanoTime();
      assertThat(ends.caller.call(Interop.ECHO, "next")).isEqualTo("next");
      best = Math.min(best, System.nanoTime() - start);
    }
    assertThat(Duration.ofNanos(best)).isLessThanOrEqualTo(NEXT);
  }

  private interface ThrowingRunnable {
    void run() throws Exception;
  }

  @Test
  void anExceptionFailsItsCallAlone() throws Exception {
    failsAlone((context, nothing) -> {
      throw new IllegalStateException(SECRET);
    });
  }

  @Test
  void aStackOverflowFailsItsCallAlone() throws Exception {
    failsAlone((context, nothing) -> overflow(nothing, 0));
  }

  private static Unit overflow(Unit nothing, long depth) {
    return depth < Long.MAX_VALUE ? overflow(overflow(nothing, depth + 1), depth + 1) : nothing;
  }

  @Test
  void runningOutOfMemoryFailsItsCallAlone() throws Exception {
    failsAlone((context, nothing) -> {
      long[][] all = new long[1 << 20][];
      for (int i = 0; i < all.length; i++) {
        all[i] = new long[Integer.MAX_VALUE - 8];
      }
      return Unit.INSTANCE;
    });
  }

  @Test
  void nullFailsItsCallAlone() throws Exception {
    failsAlone((context, nothing) -> null);
  }

  @Test
  void aStageThatFailsFailsItsCallAlone() throws Exception {
    try (Ends ends = new Ends()) {
      ends.handlers.delay =
          (context, it) -> CompletableFuture.failedFuture(new IllegalStateException(SECRET));
      RpcException failed =
          catchThrowableOfType(
              RpcException.class, () -> ends.caller.call(Interop.DELAY, new Two<>(0L, 0L)));
      assertThat(failed.error()).contains(Errors.INTERNAL);
      ends.handlers.delay = (context, it) -> null;
      failed =
          catchThrowableOfType(
              RpcException.class, () -> ends.caller.call(Interop.DELAY, new Two<>(0L, 0L)));
      assertThat(failed.error()).contains(Errors.INTERNAL);
      assertThat(ends.caller.call(Interop.ECHO, "next")).isEqualTo("next");
    }
  }

  @Test
  void aHandlerThatNeverReturnsIsInterruptedAndItsCallFails() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    Duration deadline = Duration.ofMillis(300);
    try (Ends ends = new Ends(it -> it.callTimeout(deadline), it -> it.lanesPerService(1))) {
      ends.caller.call(Interop.ECHO, "the lane is open");
      ends.handlers.ping =
          (context, nothing) -> {
            try {
              new CountDownLatch(1).await();
            } finally {
              interrupted.countDown();
            }
            return Unit.INSTANCE;
          };
      List<CompletableFuture<Unit>> stuck = new ArrayList<>();
      // A call that waited for the one that is stuck would be answered at its deadline, which is
      // later.
      nextIsSoonAnswered(ends, () -> stuck.add(ends.caller.callAsync(Interop.PING, Unit.INSTANCE)));
      for (CompletableFuture<Unit> call : stuck) {
        assertThat(call)
            .failsWithin(20, TimeUnit.SECONDS)
            .withThrowableThat()
            .withCauseInstanceOf(RpcException.class)
            .withMessageContaining("did not answer in time");
      }
      nextIsSoonAnswered(ends, () -> {});
      interrupted.await();
    }
  }

  @Test
  void aStageThatNeverCompletesFailsItsCall() throws Exception {
    try (Ends ends = new Ends(it -> it.callTimeout(Duration.ofMillis(200)), it -> it)) {
      ends.handlers.delay = (context, it) -> new CompletableFuture<>();
      RpcException failed =
          catchThrowableOfType(
              RpcException.class, () -> ends.caller.call(Interop.DELAY, new Two<>(0L, 0L)));
      assertThat(failed.error()).contains(Errors.DEADLINE);
    }
  }

  @Test
  void aResultThatCannotBeEncodedFailsItsCallAlone() throws Exception {
    try (Ends ends = new Ends()) {
      ends.handlers.echo = (context, text) -> "x".repeat(70_000);
      RpcException failed =
          catchThrowableOfType(RpcException.class, () -> ends.caller.call(Interop.ECHO, "more"));
      assertThat(failed.error()).contains(Errors.RESULT);
      assertThat(ends.caller.call(Interop.ADD, new Two<>(1L, 2L))).isEqualTo(3);
    }
  }

  @Test
  void theCallerIsToldNothingOfUnexpectedExceptions() throws Exception {
    try (Ends ends = new Ends();
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      ends.handlers.ping =
          (context, nothing) -> {
            throw new IllegalStateException(SECRET, new RuntimeException(SECRET));
          };
      lane.send(RawLane.request(Interop.PING, 2, Unit.INSTANCE));
      String wire = new String(lane.next(), StandardCharsets.ISO_8859_1);
      assertThat(wire)
          .contains("internal error")
          .doesNotContain("hunter2", "password", "IllegalState", "HandlersTest", ".java");
      // What another server told this one is not passed on either.
      ends.handlers.ping =
          (context, nothing) -> {
            throw RpcException.remote("elsewhere", ErrorMessage.of(SECRET));
          };
      lane.send(RawLane.request(Interop.PING, 3, Unit.INSTANCE));
      assertThat(new String(lane.next(), StandardCharsets.ISO_8859_1)).doesNotContain("hunter2");
      // Nor is anything said about this program when a message cannot be read.
      byte[] bad = RawLane.request(Interop.ECHO, 4, "text");
      bad[9] = (byte) 0xff;
      lane.send(bad);
      assertThat(new String(lane.next(), StandardCharsets.ISO_8859_1))
          .contains("cannot be read: BAD_TEXT at byte 9")
          .doesNotContain("rs.jetstream", "java.");
    }
  }

  @Test
  void anErrorForTheCallerHasNoBackTraceUnlessSwitchedOn() throws Exception {
    try (Ends plain = new Ends();
        Ends telling = new Ends(it -> it.dangerouslySendBackTraces(true), it -> it)) {
      for (Ends ends : new Ends[] {plain, telling}) {
        RpcException failed =
            catchThrowableOfType(
                RpcException.class, () -> ends.caller.call(Interop.DIVIDE, new Two<>(1, 0)));
        assertThat(failed.errorCode()).contains("interop::divide");
        if (ends == plain) {
          assertThat(failed.trace()).isEmpty();
        } else {
          assertThat(failed.trace().getFirst().target()).isEqualTo(Interop.class.getName());
          assertThat(failed.trace().getFirst().file()).isEqualTo("Interop.java");
          assertThat(failed.trace().getFirst().line()).isPositive();
        }
      }
    }
  }

  @Test
  void theContextIsThereOnTheHandlersThreadAndNoOther() throws Exception {
    AtomicReference<RpcContext> seen = new AtomicReference<>();
    try (Ends ends = new Ends()) {
      ends.handlers.ping =
          (context, nothing) -> {
            seen.set(RpcContext.current());
            assertThat(RpcContext.current()).isSameAs(context);
            assertThat(context.remaining()).isPositive();
            assertThat(context.peerAddress()).isNotNull();
            assertThat(context.connection()).isNotNull();
            assertThat(context.method()).isEqualTo(Interop.PING);
            assertThat(context.service().name()).isEqualTo("interop");
            return Unit.INSTANCE;
          };
      ends.caller.call(Interop.PING, Unit.INSTANCE);
      PeerIdentity peer = seen.get().peer().orElseThrow();
      assertThat(peer.commonName()).contains("client, \"TEST ONLY\"");
      assertThat(peer.dnsNames()).containsExactly("client.example");
      assertThat(peer.ipAddresses()).containsExactly("192.0.2.7");
      assertThat(peer.emails()).containsExactly("client@example.org");
      assertThat(peer.uris()).containsExactly("spiffe://example.org/client");
      assertThat(peer.fingerprint()).matches("[0-9a-f]{64}");
      assertThat(catchThrowableOfType(IllegalStateException.class, RpcContext::current))
          .hasMessageContaining("handles no call");
    }
  }

  @Test
  void aCallerThatGoesAwayInterruptsTheHandler() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    try (Ends ends = new Ends();
        Ends.Raw raw = new Ends.Raw(ends.server)) {
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
      RawLane lane = raw.lane();
      lane.send(RawLane.request(Interop.PING, 2, Unit.INSTANCE));
      arrived.await();
      lane.close();
      interrupted.await();
    }
  }

  @Test
  void everyTypeOfRequestThatIsNoneIsRefused() throws Exception {
    try (Ends ends = new Ends();
        Ends.Raw raw = new Ends.Raw(ends.server)) {
      for (int type = 0; type < 256; type++) {
        if (Interop.SERVICE.method(type) != null || type == MessageType.VERSION_REQUEST) {
          continue;
        }
        try (RawLane lane = raw.lane()) {
          byte[] frame = RawLane.request(Interop.PING, 5, Unit.INSTANCE);
          frame[4] = (byte) type;
          lane.send(frame);
          byte[] answer = lane.next();
          assertThat(RawLane.type(answer)).isEqualTo(MessageType.ERROR);
          assertThat(RawLane.tag(answer)).isEqualTo(5);
          assertThat(lane.next()).isEmpty();
        }
      }
    }
  }
}
