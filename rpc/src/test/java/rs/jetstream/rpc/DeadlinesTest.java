package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.rpc.Interop.Two;
import rs.jetstream.wire.Unit;

/** No call waits past its deadline, whatever the server does; and what is given up stays so. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class DeadlinesTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  private static Caller within(JetStreamClient client, Duration timeout) {
    return client.caller(Interop.SERVICE, CallOptions.defaults().withTimeout(timeout));
  }

  /** A blocking call, an asynchronous one and one with its own lane end by their deadline. */
  private static void endInTime(JetStreamClient client) {
    Caller caller = within(client, SHORT);
    Caller single =
        client.caller(
            Interop.SERVICE, CallOptions.defaults().withTimeout(SHORT).withLanePerCall(true));
    assertDeadline(catchThrowable(() -> caller.call(Interop.PING, Unit.INSTANCE)));
    assertDeadline(catchThrowable(() -> single.call(Interop.PING, Unit.INSTANCE)));
    assertDeadline(
        catchThrowable(() -> caller.callAsync(Interop.PING, Unit.INSTANCE).get()).getCause());
    assertDeadline(
        catchThrowable(() -> caller.callAsync(Interop.AGAIN, Unit.INSTANCE).get()).getCause());
  }

  private static void assertDeadline(Throwable failed) {
    assertThat(failed).isInstanceOf(RpcException.class);
    assertThat(((RpcException) failed).kind()).as(failed.toString()).isEqualTo(Kind.DEADLINE);
  }

  @Test
  void whenTheServerNeverAnswers() throws Exception {
    try (ScriptedServer server = Ends.scripted((lane, connection) -> lane.agree());
        JetStreamClient client = Ends.clientOf(server).open()) {
      endInTime(client);
    }
  }

  @Test
  void whenTheServerNeverAgreesOnAVersion() throws Exception {
    try (ScriptedServer server = Ends.scripted((lane, connection) -> lane.next());
        JetStreamClient client = Ends.clientOf(server).open()) {
      endInTime(client);
    }
  }

  @Test
  void whenTheServerIsNotThere() throws Exception {
    try (DatagramSocket silent =
            new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        JetStreamClient client =
            JetStreamClient.builder()
                .quic(Ends.quicClient())
                .address("127.0.0.1", silent.getLocalPort())
                .openTimeout(Duration.ofSeconds(1))
                .open()) {
      endInTime(client);
    }
  }

  @Test
  void whenTheServerReadsNothing() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> {
              lane.agree();
              done.await();
            });
        JetStreamClient client = Ends.clientOf(server).open()) {
      Caller caller = within(client, SHORT);
      MemorySegment large = MemorySegment.ofArray(new byte[60_000]);
      List<CompletableFuture<MemorySegment>> calls = new ArrayList<>();
      // 12 MB: beyond every buffer between the two.
      for (int i = 0; i < 200; i++) {
        calls.add(caller.callAsync(Interop.BLOB, large));
      }
      for (CompletableFuture<MemorySegment> call : calls) {
        assertDeadline(catchThrowable(call::get).getCause());
      }
      done.countDown();
    }
  }

  @Test
  void whenAllTagsAreTaken() throws Exception {
    try (ScriptedServer server = Ends.scripted((lane, connection) -> lane.agree());
        JetStreamClient client = Ends.clientOf(server).maxCallsPerLane(4).open()) {
      List<CompletableFuture<Unit>> taken = new ArrayList<>();
      Caller patient = within(client, Duration.ofSeconds(50));
      for (int i = 0; i < 4; i++) {
        taken.add(patient.callAsync(Interop.PING, Unit.INSTANCE));
      }
      endInTime(client);
      assertThat(taken).noneMatch(CompletableFuture::isDone);
    }
  }

  @Test
  void whenTheHandlerTakesLongerThanTheCaller() throws Exception {
    try (Ends ends = new Ends()) {
      ends.handlers.delay = (context, it) -> new CompletableFuture<>();
      RpcException failed =
          catchThrowableOfType(
              RpcException.class, () -> ends.within(SHORT).call(Interop.DELAY, new Two<>(0L, 0L)));
      assertThat(failed.kind()).isEqualTo(Kind.DEADLINE);
    }
  }

  @Test
  void aTagIsNotUsedAgainBeforeItsAnswerHasCome() throws Exception {
    LinkedBlockingQueue<Integer> first = new LinkedBlockingQueue<>();
    CountDownLatch answer = new CountDownLatch(1);
    Set<Integer> meanwhile = new HashSet<>();
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> {
              lane.agree();
              int givenUp = RawLane.tag(lane.next());
              first.add(givenUp);
              for (int i = 0; i < 20; i++) {
                int tag = RawLane.tag(lane.next());
                meanwhile.add(tag);
                lane.send(RawLane.response(Interop.PING, tag, Unit.INSTANCE));
              }
              answer.await();
              lane.send(RawLane.response(Interop.PING, givenUp, Unit.INSTANCE));
              for (int i = 0; i < 8; i++) {
                int tag = RawLane.tag(lane.next());
                first.add(tag);
                lane.send(RawLane.response(Interop.PING, tag, Unit.INSTANCE));
              }
            });
        JetStreamClient client = Ends.clientOf(server).maxCallsPerLane(4).open()) {
      assertDeadline(catchThrowable(() -> within(client, SHORT).call(Interop.PING, Unit.INSTANCE)));
      int givenUp = first.take();
      Caller caller = client.caller(Interop.SERVICE);
      for (int i = 0; i < 20; i++) {
        caller.call(Interop.PING, Unit.INSTANCE);
      }
      assertThat(meanwhile).hasSize(3).doesNotContain(givenUp);
      answer.countDown();
      for (int i = 0; i < 8; i++) {
        caller.call(Interop.PING, Unit.INSTANCE);
      }
      assertThat(first).contains(givenUp);
      assertThat(server.lanes).hasValue(1);
      assertThat(server.failures).isEmpty();
    }
  }

  @Test
  void aLaneWithTooManyTagsLostIsReplaced() throws Exception {
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> {
              lane.agree();
              while (true) {
                byte[] request = lane.next();
                if (request.length == 0) {
                  return;
                }
                if (RawLane.type(request) == Interop.ECHO.requestId()) {
                  lane.send(RawLane.response(Interop.ECHO, RawLane.tag(request), "yes"));
                }
              }
            });
        JetStreamClient client = Ends.clientOf(server).maxCallsPerLane(4).open()) {
      for (int i = 0; i < 6; i++) {
        assertDeadline(
            catchThrowable(() -> within(client, SHORT).call(Interop.PING, Unit.INSTANCE)));
        assertThat(client.caller(Interop.SERVICE).call(Interop.ECHO, "?")).isEqualTo("yes");
      }
      assertThat(server.lanes).hasValueGreaterThan(1);
      assertThat(server.connections).hasValue(1);
    }
  }

  @Test
  void aCancelledFutureGivesItsCallUp() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> {
              lane.agree();
              int givenUp = RawLane.tag(lane.next());
              arrived.countDown();
              int tag = RawLane.tag(lane.next());
              assertThat(tag).isNotEqualTo(givenUp);
              lane.send(RawLane.response(Interop.PING, tag, Unit.INSTANCE));
            });
        JetStreamClient client = Ends.clientOf(server).maxCallsPerLane(2).open()) {
      Caller caller = client.caller(Interop.SERVICE);
      CompletableFuture<Unit> call = caller.callAsync(Interop.PING, Unit.INSTANCE);
      arrived.await();
      assertThat(call.cancel(true)).isTrue();
      caller.call(Interop.PING, Unit.INSTANCE);
      assertThat(server.failures).isEmpty();
    }
  }

  @Test
  void anInterruptedCallEndsAtOnce() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> {
              lane.agree();
              lane.next();
              arrived.countDown();
            });
        JetStreamClient client = Ends.clientOf(server).open()) {
      Thread thread =
          Thread.startVirtualThread(() -> {
            Throwable failed =
                catchThrowable(
                    () -> client.caller(Interop.SERVICE).call(Interop.PING, Unit.INSTANCE));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            ended.complete(failed);
          });
      arrived.await();
      thread.interrupt();
      assertThat(ended.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
    }
  }

  @Test
  void aClientThatSaysNothingLosesItsLane() throws Exception {
    try (Ends ends = new Ends(it -> it.handshakeTimeout(SHORT), it -> it);
        Ends.Raw raw = new Ends.Raw(ends.server);
        RawLane silent = new RawLane(raw.open());
        RawLane slow = new RawLane(raw.open())) {
      slow.send(new byte[] {0x36, 0, 0}); // half a frame is no handshake either
      silent.send(new byte[] {0x36});
      assertThat(catchThrowable(slow::next)).isInstanceOf(IOException.class);
      assertThat(catchThrowable(silent::next)).isInstanceOf(IOException.class);
      raw.lane().close();
    }
  }
}
