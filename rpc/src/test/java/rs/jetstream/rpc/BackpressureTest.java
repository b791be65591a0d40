package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.StreamException;
import rs.jetstream.wire.Unit;

/** Peers that ask for more than they may: they wait, and nobody else does. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class BackpressureTest {
  private static final int CAP = 8;
  private static final Duration STALLED = Duration.ofMillis(500);

  @Test
  void noMoreCallsRunAtOnceThanMay() throws Exception {
    CountDownLatch full = new CountDownLatch(CAP);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (Ends ends = new Ends(it -> it.maxCallsPerLane(CAP), it -> it);
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      ends.handlers.ping =
          (context, nothing) -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            full.countDown();
            go.await();
            running.decrementAndGet();
            return Unit.INSTANCE;
          };
      for (int tag = 0; tag < 1000; tag++) {
        lane.send(RawLane.request(Interop.PING, tag, Unit.INSTANCE));
      }
      full.await();
      // Another lane of the same client is served meanwhile.
      try (RawLane other = raw.lane()) {
        other.send(RawLane.request(Interop.ECHO, 1, "meanwhile"));
        assertThat(other.next()).isEqualTo(RawLane.response(Interop.ECHO, 1, "meanwhile"));
      }
      go.countDown();
      Set<Integer> answered = new HashSet<>();
      for (int i = 0; i < 1000; i++) {
        answered.add(RawLane.tag(lane.next()));
      }
      assertThat(answered).hasSize(1000);
      assertThat(most).hasValue(CAP);
    }
  }

  @Test
  void answersThatNobodyReadsAreNotMadeWithoutEnd() throws Exception {
    int size = 60_000;
    AtomicInteger runs = new AtomicInteger();
    Interceptor counting =
        (call, next) -> {
          runs.incrementAndGet();
          return next.proceed();
        };
    try (Ends ends = new Ends(it -> it.interceptor(counting), it -> it);
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      byte[] request = RawLane.request(Interop.BLOB, 1, MemorySegment.ofArray(new byte[size]));
      lane.stream.timeout(STALLED);
      StreamException stalled =
          catchThrowableOfType(
              StreamException.class,
              () -> {
                for (int tag = 1; tag < 20_000; tag++) {
                  request[5] = (byte) tag;
                  request[6] = (byte) (tag >> 8);
                  lane.send(request);
                }
              });
      assertThat(stalled.kind()).isEqualTo(Kind.DEADLINE);
      // The client's window, the send buffer, what the lane holds, and the calls under way.
      assertThat((long) runs.get() * size).isLessThan(64L << 20);
      assertThat(ends.caller.call(Interop.ECHO, "others are served")).isNotEmpty();
    }
  }

  @Test
  void aLaneWhoseClientTakesNothingIsEnded() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    RpcListener listener =
        (service, method, duration, failure) -> {
          if (failure instanceof RpcException it && it.kind() == Kind.CLOSED) {
            ended.countDown();
          }
        };
    try (Ends ends = new Ends(it -> it.sendTimeout(STALLED).listener(listener), it -> it);
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane lane = raw.lane()) {
      ends.handlers.ping =
          (context, nothing) -> {
            new CountDownLatch(1).await(); // until the lane ends
            return Unit.INSTANCE;
          };
      lane.send(RawLane.request(Interop.PING, 1, Unit.INSTANCE));
      byte[] request = RawLane.request(Interop.BLOB, 1, MemorySegment.ofArray(new byte[60_000]));
      Throwable failed =
          catchThrowable(() -> {
            for (int tag = 2; tag < 20_000; tag++) {
              request[5] = (byte) tag;
              request[6] = (byte) (tag >> 8);
              lane.send(request);
            }
          });
      assertThat(failed).isInstanceOf(IOException.class);
      ended.await();
    }
  }

  @Test
  void asynchronousCallsThatWaitAreCounted() throws Exception {
    try (ScriptedServer server = Ends.scripted((lane, connection) -> lane.agree());
        JetStreamClient client =
            Ends.clientOf(server).maxCallsPerLane(2).maxWaitingCalls(3).open()) {
      Caller caller =
          client.caller(
              Interop.SERVICE, CallOptions.defaults().withTimeout(Duration.ofMillis(500)));
      List<CompletableFuture<Unit>> calls = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        calls.add(caller.callAsync(Interop.PING, Unit.INSTANCE));
      }
      List<Kind> kinds = new ArrayList<>();
      for (CompletableFuture<Unit> call : calls) {
        kinds.add(((RpcException) catchThrowable(call::get).getCause()).kind());
      }
      assertThat(kinds).containsOnly(Kind.LIMIT, Kind.DEADLINE);
      assertThat(kinds.stream().filter(Kind.LIMIT::equals).count()).isBetween(15L, 17L);
    }
  }

  @Test
  void aCallerWaitsWhileItsLaneHasTooMuchToSend() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> {
              lane.agree();
              read.await();
              while (true) {
                byte[] request = lane.next();
                if (request.length == 0) {
                  return;
                }
                lane.send(RawLane.response(Interop.BLOB, RawLane.tag(request), MemorySegment.NULL));
              }
            });
        JetStreamClient client = Ends.clientOf(server).maxQueuedPerLane(0).open()) {
      Caller caller = client.caller(Interop.SERVICE);
      List<CompletableFuture<MemorySegment>> calls = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        calls.add(caller.callAsync(Interop.BLOB, MemorySegment.ofArray(new byte[60_000])));
      }
      read.countDown();
      for (CompletableFuture<MemorySegment> call : calls) {
        assertThat(call.get().byteSize()).isZero();
      }
    }
  }
}
