package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;

/** Everybody closes the same at once, in the middle of wake-ups and calls for it. */
@Timeout(600)
@ExtendWith(LeakExtension.class)
final class ClosingRacesTest {
  private static final int CLOSERS = 64;

  /** More of them are for a run by hand. */
  private static final int ROUNDS = Integer.getInteger("jetstream.test.races", 300);

  @Test
  void sixtyFourThreadsCloseOneStreamWhileItIsWoken() throws Exception {
    try (Loopback loopback = new Loopback();
        Crowd crowd = new Crowd()) {
      for (int i = 0; i < ROUNDS; i++) {
        BidirectionalStream stream = loopback.clientConnection.openBidirectional(Loopback.SOON);
        stream.send(new byte[1]);
        try (BidirectionalStream peer =
            loopback.serverConnection.acceptBidirectional(Loopback.SOON)) {
          Waiting receiver = Waiting.in(i % 2 == 0, () -> receiveForEver(stream));
          Waiting sender = Waiting.started(true, () -> sendForEver(peer));
          crowd.closeAtOnce(stream);
          assertClosedHere(receiver);
          assertThat(sender.failure().kind()).isEqualTo(Kind.STREAM_RESET);
        }
      }
      // Slots of wake-ups were given back once each: a late one for a stream woke nobody else.
      assertThat(loopback.clientConnection.closeReason()).isEmpty();
      assertThat(JetStreamLibrary.counters().panics()).isZero();
    }
  }

  @Test
  void sixtyFourThreadsCloseOneConnectionInTheMiddleOfItsCalls() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder);
        Crowd crowd = new Crowd()) {
      for (int i = 0; i < ROUNDS / 10; i++) {
        QuicConnection near = Loopback.connect(client, server);
        try (QuicConnection far = server.accept(Loopback.SOON)) {
          BidirectionalStream stream = near.openBidirectional(Loopback.SOON);
          stream.send(new byte[1]);
          BidirectionalStream peer = far.acceptBidirectional(Loopback.SOON);
          Waiting receiver = Waiting.in(true, () -> receiveForEver(stream));
          Waiting sender = Waiting.started(true, () -> sendForEver(peer));
          Waiting acceptor = Waiting.in(false, near::acceptBidirectional);
          crowd.closeAtOnce(near);
          assertClosedHere(receiver);
          assertThat(acceptor.failure().kind()).isEqualTo(Kind.CLOSED_LOCALLY);
          assertThat(sender.failure().kind()).isEqualTo(Kind.APPLICATION_CLOSE);
        }
      }
      assertThat(JetStreamLibrary.counters().panics()).isZero();
    }
  }

  /** It was in a call, or between two. */
  private static void assertClosedHere(Waiting receiver) throws Exception {
    Throwable failure = receiver.outcome().failure();
    if (failure instanceof JetStreamException e) {
      assertThat(e.kind()).isEqualTo(Kind.CLOSED_LOCALLY);
    } else {
      assertThat(failure)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is closed");
    }
  }

  private static Object receiveForEver(BidirectionalStream stream) throws Exception {
    byte[] buffer = new byte[512];
    while (stream.receive(buffer) >= 0) {}
    return "ended";
  }

  private static Object sendForEver(BidirectionalStream stream) throws Exception {
    byte[] buffer = new byte[64];
    while (true) {
      stream.send(buffer);
    }
  }

  /** Threads that stay, so that they begin to close together. */
  private static final class Crowd implements AutoCloseable {
    private final Phaser phaser = new Phaser(1 + CLOSERS);
    private final AtomicReference<AutoCloseable> next = new AtomicReference<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final List<Thread> threads = new ArrayList<>();

    Crowd() {
      for (int i = 0; i < CLOSERS; i++) {
        threads.add(Thread.ofPlatform().daemon().start(this::run));
      }
    }

    private void run() {
      phaser.arriveAndAwaitAdvance();
      for (AutoCloseable it = next.get(); it != null; it = next.get()) {
        try {
          it.close();
        } catch (Throwable e) {
          failure.set(e);
        }
        phaser.arriveAndAwaitAdvance(); // all have closed
        phaser.arriveAndAwaitAdvance(); // the next is there
      }
    }

    void closeAtOnce(AutoCloseable it) {
      next.set(it);
      phaser.arriveAndAwaitAdvance();
      phaser.arriveAndAwaitAdvance();
      assertThat(failure.get()).isNull();
    }

    @Override
    public void close() {
      next.set(null);
      phaser.arriveAndAwaitAdvance();
      try {
        for (Thread thread : threads) {
          thread.join();
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
