package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.JetStreamException.Kind;

/** Small requests and answers on the endpoint's own thread. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class ExchangeTest {
  private static final RequestHandler ECHO =
      (connection, request, answer) -> {
        MemorySegment.copy(request, 0, answer, 0, request.byteSize());
        return request.byteSize();
      };

  private static MemorySegment bytes(String text) {
    return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String text(MemorySegment bytes) {
    return text(bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  /** Completed on the endpoint's thread. */
  private static final class Answer extends CompletableFuture<byte[]> implements AnswerHandler {
    @Override
    public void answered(MemorySegment answer) {
      complete(answer.toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public void failed(JetStreamException why) {
      completeExceptionally(why);
    }

    byte[] soon() throws Exception {
      return get(20, TimeUnit.SECONDS);
    }

    JetStreamException failure() {
      var thrown = catchThrowableOfType(java.util.concurrent.ExecutionException.class, this::soon);
      assertThat(thrown).isNotNull();
      return (JetStreamException) thrown.getCause();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 32, 1200, 5000, Exchanges.MAX_SIZE})
  void requestsAreAnsweredBothWaysAndByBothCalls(int size) throws Exception {
    byte[] message = new byte[size];
    new Random(size).nextBytes(message);
    try (Loopback loopback = new Loopback();
        Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocateFrom(ValueLayout.JAVA_BYTE, message);
      for (var pair :
          List.of(
              List.of(loopback.serverConnection, loopback.clientConnection),
              List.of(loopback.clientConnection, loopback.serverConnection))) {
        Exchanges answering = pair.get(0).exchanges();
        Exchanges asking = pair.get(1).exchanges();
        answering.answer(ECHO);
        assertThat(asking.request(MemorySegment.ofArray(message), Loopback.SOON))
            .isEqualTo(message);
        Answer answer = new Answer();
        asking.request(request, Loopback.SOON, answer);
        assertThat(answer.soon()).isEqualTo(message);
        assertThat(answering.statistics()).isEqualTo(new Exchanges.Statistics(2, 0, 0, 0));
      }
    }
  }

  @Test
  void theHandlerRunsOnTheEndpointsThreadWithItsConnection() throws Exception {
    try (Loopback loopback = new Loopback()) {
      AtomicReference<QuicConnection> seen = new AtomicReference<>();
      AtomicReference<String> thread = new AtomicReference<>();
      loopback
          .serverConnection
          .exchanges()
          .answer((connection, request, answer) -> {
            seen.set(connection);
            thread.set(Thread.currentThread().getName());
            return 0;
          });
      assertThat(loopback.clientConnection.exchanges().request(bytes("who"), Loopback.SOON))
          .isEmpty();
      assertThat(seen.get()).isSameAs(loopback.serverConnection);
      assertThat(thread.get()).startsWith("jetstream-endpoint-");
    }
  }

  @Test
  void whatIsDeclinedOrComesInPiecesIsAcceptedWithAllOfItsBytes() throws Exception {
    try (Loopback loopback = new Loopback()) {
      Exchanges answering = loopback.serverConnection.exchanges();
      answering.answer((connection, request, answer) ->
          text(request).startsWith("small") ? ECHO.answer(connection, request, answer) : -1);
      Answer declined = new Answer();
      loopback.clientConnection.exchanges().request(bytes("other"), Loopback.SOON, declined);
      try (BidirectionalStream stream =
          loopback.serverConnection.acceptBidirectional(Loopback.SOON)) {
        assertThat(text(stream.receiveAll(100))).isEqualTo("other");
        stream.sendAndFinish(bytes("accepted"));
        stream.flush();
      }
      assertThat(text(declined.soon())).isEqualTo("accepted");
      assertThat(answering.statistics().declined()).isEqualTo(1);

      try (BidirectionalStream stream = loopback.clientConnection.openBidirectional()) {
        stream.send(bytes("small, but "));
        stream.flush();
        try (BidirectionalStream there =
            loopback.serverConnection.acceptBidirectional(Loopback.SOON)) {
          stream.sendAndFinish(bytes("in pieces"));
          assertThat(text(there.receiveAll(100))).isEqualTo("small, but in pieces");
        }
      }
      byte[] large = new byte[Exchanges.MAX_SIZE + 1];
      new Random(1).nextBytes(large);
      try (BidirectionalStream stream = loopback.clientConnection.openBidirectional()) {
        stream.sendAndFinish(MemorySegment.ofArray(large));
        try (BidirectionalStream there =
            loopback.serverConnection.acceptBidirectional(Loopback.SOON)) {
          assertThat(there.receiveAll(large.length)).isEqualTo(large);
        }
      }
    }
  }

  @Test
  void whoWaitsForAStreamWhenTheHandlerComesGetsWhatIsDeclined() throws Exception {
    try (Loopback loopback = new Loopback()) {
      Waiting waiting =
          Waiting.in(
              true,
              () -> {
                try (BidirectionalStream stream =
                    loopback.serverConnection.acceptBidirectional(Loopback.SOON)) {
                  return text(stream.receiveAll(100));
                }
              });
      loopback.serverConnection.exchanges().answer((connection, request, answer) -> -1);
      loopback
          .clientConnection
          .exchanges()
          .request(bytes("for whoever waits"), Loopback.SOON, new Answer());
      assertThat(waiting.value()).isEqualTo("for whoever waits");
    }
  }

  @Test
  void aHandlerThatThrowsOrAnswersNonsenseCostsItsRequestOnly() throws Exception {
    try (Loopback loopback = new Loopback()) {
      Exchanges answering = loopback.serverConnection.exchanges();
      AtomicInteger calls = new AtomicInteger();
      answering.answer((connection, request, answer) ->
          switch (calls.getAndIncrement()) {
            case 0 -> throw new IOException("secret");
            case 1 -> throw new StackOverflowError();
            case 2 -> throw new OutOfMemoryError("test");
            case 3 -> throw new AssertionError("test");
            case 4 -> Exchanges.MAX_SIZE + 1L;
            case 5 -> -2;
            case 6 -> Long.MIN_VALUE;
            default -> 0;
          });
      Exchanges asking = loopback.clientConnection.exchanges();
      for (int i = 0; i < 7; i++) {
        JetStreamException refused =
            catchThrowableOfType(
                JetStreamException.class, () -> asking.request(bytes("a"), Loopback.SOON));
        assertThat(refused.kind()).isEqualTo(Kind.STREAM_RESET);
        assertThat(refused.initiator()).isEqualTo(Initiator.REMOTE);
        assertThat(refused.getMessage()).doesNotContain("secret");
      }
      assertThat(asking.request(bytes("a"), Loopback.SOON)).isEmpty();
      assertThat(answering.statistics()).isEqualTo(new Exchanges.Statistics(1, 0, 7, 0));
    }
  }

  @Test
  void anAnswerHandlerThatThrowsHarmsNobody() throws Exception {
    try (Loopback loopback = new Loopback()) {
      loopback.serverConnection.exchanges().answer(ECHO);
      Exchanges asking = loopback.clientConnection.exchanges();
      asking.request(
          bytes("a"),
          Loopback.SOON,
          new AnswerHandler() {
            @Override
            public void answered(MemorySegment answer) {
              throw new StackOverflowError();
            }

            @Override
            public void failed(JetStreamException why) {
              throw new IllegalStateException(why);
            }
          });
      assertThat(text(asking.request(bytes("b"), Loopback.SOON))).isEqualTo("b");
    }
  }

  @Test
  void withoutAnAnswerTheDeadlineEndsItAndThePeerSeesAReset() throws Exception {
    try (Loopback loopback = new Loopback()) {
      Waiting waiting =
          Waiting.in(
              true,
              () ->
                  loopback
                      .clientConnection
                      .exchanges()
                      .request(bytes("anybody?"), Duration.ofMillis(50)));
      try (BidirectionalStream stream =
          loopback.serverConnection.acceptBidirectional(Loopback.SOON)) {
        assertThat(waiting.failure().kind()).isEqualTo(Kind.DEADLINE);
        assertThatThrownBy(
                () -> {
                  while (true) {
                    stream.send(MemorySegment.ofArray(new byte[1000]));
                    stream.flush();
                  }
                })
            .isInstanceOf(StreamException.class);
      }
    }
  }

  @Test
  void anAnswerThatIsTooLongIsRefused() throws Exception {
    try (Loopback loopback = new Loopback()) {
      Answer answer = new Answer();
      loopback.clientConnection.exchanges().request(bytes("more"), Loopback.SOON, answer);
      try (BidirectionalStream stream =
          loopback.serverConnection.acceptBidirectional(Loopback.SOON)) {
        assertThatThrownBy(
                () -> {
                  while (true) {
                    stream.send(MemorySegment.ofArray(new byte[Exchanges.MAX_SIZE]));
                  }
                })
            .isInstanceOf(StreamException.class);
      }
      assertThat(answer.failure().kind()).isEqualTo(Kind.LIMIT);
    }
  }

  @Test
  void closingAnythingEndsTheWait() throws Exception {
    try (Loopback loopback = new Loopback()) {
      Exchanges asking = loopback.clientConnection.exchanges();
      Waiting waiting = Waiting.in(true, () -> asking.request(bytes("a"), Loopback.SOON));
      loopback.serverConnection.close(7);
      JetStreamException closed = waiting.failure();
      assertThat(closed.kind()).isEqualTo(Kind.APPLICATION_CLOSE);
      assertThat(closed.code()).isEqualTo(7);
      assertThatThrownBy(() -> asking.request(bytes("a"), Loopback.SOON))
          .isInstanceOf(ConnectionException.class);
    }
    try (Loopback loopback = new Loopback()) {
      Exchanges asking = loopback.clientConnection.exchanges();
      Waiting waiting = Waiting.in(true, () -> asking.request(bytes("a"), Loopback.SOON));
      loopback.clientConnection.close(8);
      assertThat(waiting.failure().kind()).isEqualTo(Kind.CLOSED_LOCALLY);
      assertThatThrownBy(() -> asking.request(bytes("a"), Loopback.SOON))
          .isInstanceOf(IllegalStateException.class);
    }
    try (Loopback loopback = new Loopback()) {
      Exchanges asking = loopback.clientConnection.exchanges();
      Waiting waiting = Waiting.in(true, () -> asking.request(bytes("a"), Loopback.SOON));
      loopback.client.close(9, Duration.ZERO);
      assertThat(waiting.failure().kind()).isIn(Kind.CLOSED_LOCALLY, Kind.ENDPOINT_CLOSED);
    }
  }

  @Test
  void anInterruptEndsTheWaitAndTheAnswerIsDropped() throws Exception {
    try (Loopback loopback = new Loopback()) {
      Exchanges asking = loopback.clientConnection.exchanges();
      Waiting waiting = Waiting.in(true, () -> asking.request(bytes("a"), Loopback.SOON));
      waiting.interrupt();
      Waiting.Outcome outcome = waiting.outcome();
      assertThat(outcome.failure()).isInstanceOf(java.io.InterruptedIOException.class);
      assertThat(outcome.interrupted()).isTrue();
      try (BidirectionalStream late =
          loopback.serverConnection.acceptBidirectional(Loopback.SOON)) {
        late.sendAndFinish(bytes("too late"));
        late.flush();
      }
      loopback.serverConnection.exchanges().answer(ECHO);
      assertThat(text(asking.request(bytes("b"), Loopback.SOON))).isEqualTo("b");
    }
  }

  @Test
  void aWaitOnTheEndpointsThreadIsRefused() throws Exception {
    try (Loopback loopback = new Loopback()) {
      AtomicReference<Throwable> receive = new AtomicReference<>();
      loopback
          .serverConnection
          .exchanges()
          .answer((connection, request, answer) -> {
            try {
              connection.acceptUnidirectional(Loopback.SOON);
            } catch (IllegalStateException e) {
              receive.set(e);
            }
            connection.exchanges().request(request, Loopback.SOON);
            return 0;
          });
      assertThatThrownBy(
              () -> loopback.clientConnection.exchanges().request(bytes("a"), Loopback.SOON))
          .isInstanceOf(StreamException.class);
      assertThat(receive.get()).hasMessageContaining("endpoint's own thread");
      assertThat(loopback.serverConnection.exchanges().statistics().failed()).isEqualTo(1);
    }
  }

  @Test
  void handlersMayUseTheLibrary() throws Exception {
    try (Loopback loopback = new Loopback()) {
      // The server asks back before it answers, and the client's handler closes the connection.
      Answer back = new Answer();
      loopback
          .clientConnection
          .exchanges()
          .answer((connection, request, answer) ->
              ECHO.answer(connection, bytes("back: " + text(request)), answer));
      loopback
          .serverConnection
          .exchanges()
          .answer((connection, request, answer) -> {
            if (text(request).equals("close")) {
              connection.close(3);
              return 0;
            }
            connection.exchanges().request(request, Loopback.SOON, back);
            return ECHO.answer(connection, request, answer);
          });
      Exchanges asking = loopback.clientConnection.exchanges();
      assertThat(text(asking.request(bytes("forth"), Loopback.SOON))).isEqualTo("forth");
      assertThat(text(back.soon())).isEqualTo("back: forth");
      JetStreamException closed =
          catchThrowableOfType(
              JetStreamException.class, () -> asking.request(bytes("close"), Loopback.SOON));
      assertThat(closed.kind()).isEqualTo(Kind.APPLICATION_CLOSE);
      assertThat(closed.code()).isEqualTo(3);
    }
  }

  @Test
  void whatIsKeptOfAMessageIsNeverForeignMemory() throws Exception {
    AtomicReference<MemorySegment> kept = new AtomicReference<>();
    try (Loopback loopback = new Loopback()) {
      loopback
          .serverConnection
          .exchanges()
          .answer((connection, request, answer) -> {
            kept.set(request);
            return 0;
          });
      var _ = loopback.clientConnection.exchanges().request(bytes("kept"), Loopback.SOON);
      assertThat(kept.get().isReadOnly()).isTrue();
    }
    System.gc();
    assertThat(text(kept.get())).isEqualTo("kept");
  }

  @Test
  void badArgumentsAreRefused() throws Exception {
    try (Loopback loopback = new Loopback()) {
      Exchanges asking = loopback.clientConnection.exchanges();
      MemorySegment tooLong = MemorySegment.ofArray(new byte[Exchanges.MAX_SIZE + 1]);
      assertThatThrownBy(() -> asking.request(tooLong, Loopback.SOON))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("65537")
          .hasMessageContaining("65536");
      for (Duration timeout :
          List.of(Duration.ZERO, Duration.ofNanos(1), Duration.ofMillis(-1), Duration.ofDays(2))) {
        assertThatThrownBy(() -> asking.request(bytes("a"), timeout))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("timeout");
      }
      asking.answer(ECHO);
      assertThatThrownBy(() -> asking.answer(ECHO))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("already");
      MemorySegment closed;
      try (Arena arena = Arena.ofConfined()) {
        closed = arena.allocate(4);
      }
      assertThatThrownBy(() -> asking.request(closed, Loopback.SOON))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void requestsBeyondThePeersStreamsWaitForThemAndTooManyAreRefused() throws Exception {
    QuicSettings few = QuicSettings.builder().maxRemoteBidirectionalStreams(2).build();
    try (Loopback loopback = new Loopback(few, QuicSettings.defaults())) {
      Exchanges asking = loopback.clientConnection.exchanges();
      List<Answer> answers = new ArrayList<>();
      for (int i = 0; i < 16_384; i++) {
        Answer answer = new Answer();
        asking.request(bytes(Integer.toString(i)), Loopback.SOON, answer);
        answers.add(answer);
      }
      StreamException refused =
          catchThrowableOfType(
              StreamException.class,
              () -> asking.request(bytes("one more"), Loopback.SOON, new Answer()));
      assertThat(refused.kind()).isEqualTo(Kind.LIMIT);
      assertThat(refused).hasMessageContaining("16384");
      loopback.serverConnection.exchanges().answer(ECHO);
      for (int i = 0; i < answers.size(); i++) {
        assertThat(text(answers.get(i).soon())).isEqualTo(Integer.toString(i));
      }
    }
  }

  @Test
  void theBytesOfRequestsAreBounded() throws Exception {
    QuicSettings small = QuicSettings.builder().maxSendBuffered(256 << 10).build();
    try (Loopback loopback = new Loopback(QuicSettings.defaults(), small)) {
      Exchanges asking = loopback.clientConnection.exchanges();
      MemorySegment large = MemorySegment.ofArray(new byte[Exchanges.MAX_SIZE]);
      AtomicInteger taken = new AtomicInteger();
      StreamException refused =
          catchThrowableOfType(
              StreamException.class,
              () -> {
                while (taken.get() < 10_000) {
                  asking.request(large, Loopback.SOON, new Answer());
                  taken.incrementAndGet();
                }
              });
      assertThat(refused.kind()).isEqualTo(Kind.LIMIT);
      assertThat(loopback.clientConnection.statistics().sendBuffered())
          .isLessThanOrEqualTo((256 << 10) + Exchanges.MAX_SIZE);
    }
  }

  @Test
  void aHundredThousandInFlightOfSixtyFourHaveEachTheirAnswer() throws Exception {
    int count = 100_000;
    try (Loopback loopback = new Loopback();
        Arena arena = Arena.ofShared()) {
      loopback.serverConnection.exchanges().answer(ECHO);
      Exchanges asking = loopback.clientConnection.exchanges();
      AtomicInteger next = new AtomicInteger();
      AtomicLong right = new AtomicLong();
      CountDownLatch done = new CountDownLatch(count);
      ConcurrentLinkedQueue<Throwable> wrong = new ConcurrentLinkedQueue<>();
      final class Caller implements AnswerHandler {
        private final MemorySegment request = arena.allocate(ValueLayout.JAVA_LONG);
        private long expected;

        void call() throws IOException {
          expected = next.getAndIncrement();
          if (expected < count) {
            request.set(ValueLayout.JAVA_LONG, 0, expected);
            asking.request(request, Loopback.SOON, this);
          }
        }

        @Override
        public void answered(MemorySegment answer) {
          if (answer.byteSize() == Long.BYTES
              && answer.get(ValueLayout.JAVA_LONG_UNALIGNED, 0) == expected) {
            right.incrementAndGet();
          }
          done.countDown();
          try {
            call();
          } catch (IOException e) {
            wrong.add(e);
          }
        }

        @Override
        public void failed(JetStreamException why) {
          wrong.add(why);
          done.countDown();
        }
      }
      for (int i = 0; i < 64; i++) {
        new Caller().call();
      }
      assertThat(done.await(50, TimeUnit.SECONDS)).isTrue();
      assertThat(wrong).isEmpty();
      assertThat(right.get()).isEqualTo(count);
    }
  }

  @Test
  void manyVirtualThreadsHaveEachTheirAnswer() throws Exception {
    try (Loopback loopback = new Loopback()) {
      loopback.serverConnection.exchanges().answer(ECHO);
      Exchanges asking = loopback.clientConnection.exchanges();
      List<CompletableFuture<Boolean>> callers = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        int caller = i;
        CompletableFuture<Boolean> right = new CompletableFuture<>();
        callers.add(right);
        Thread.startVirtualThread(() -> {
          try {
            boolean all = true;
            for (int call = 0; call < 100; call++) {
              String message = caller + ":" + call;
              all &= text(asking.request(bytes(message), Loopback.SOON)).equals(message);
            }
            right.complete(all);
          } catch (IOException | RuntimeException e) {
            right.completeExceptionally(e);
          }
        });
      }
      for (CompletableFuture<Boolean> caller : callers) {
        assertThat(caller.get(50, TimeUnit.SECONDS)).isTrue();
      }
    }
  }
}
