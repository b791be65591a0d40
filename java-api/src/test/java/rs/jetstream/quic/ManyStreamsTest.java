package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many threads and streams on one connection. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class ManyStreamsTest {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  @Test
  void unidirectionalStreamsGoBothWays() throws Exception {
    try (Loopback loopback = new Loopback()) {
      QuicConnection[] ends = {loopback.clientConnection, loopback.serverConnection};
      for (int from = 0; from < 2; from++) {
        try (SendStream sender = ends[from].openUnidirectional()) {
          sender.sendAndFinish(new byte[] {(byte) from});
          assertThat(sender.isLocal()).isTrue();
          try (ReceiveStream receiver = ends[1 - from].acceptUnidirectional(Loopback.SOON)) {
            assertThat(receiver.receiveAll(1)).containsExactly(from);
            assertThat(receiver.id()).isEqualTo(sender.id());
            assertThat(receiver.isLocal()).isFalse();
          }
        }
      }
    }
  }

  @Test
  void openingWaitsAtThePeersLimitAndGoesOn() throws Exception {
    try (Scene scene = new Scene()) {
      QuicConnection connection = scene.loopback.clientConnection;
      Waiting waiting = Waiting.in(true, connection::openBidirectional);
      scene.closeInTurn();
      try (BidirectionalStream next = (BidirectionalStream) waiting.value()) {
        assertThat(next.id()).isEqualTo(4);
      }
    }
  }

  @Test
  void aStreamThatBothSidesAbandonAtOnceCountsNoMore() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (Scene scene = new Scene()) {
        scene.stream.close();
        scene.peer.close();
        scene.loopback.clientConnection.openBidirectional(Loopback.SOON).close();
      }
    }
  }

  @Test
  void aResetOfAStreamThatIsBlockedByTheWindowEndsThatStreamAlone() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (Scene scene = new Scene()) {
        Waiting sender = Waiting.in(true, () -> scene.call(Scene.Operation.SEND, null));
        sender.interrupt();
        assertThat(sender.outcome().interrupted()).isTrue();
        scene.stream.reset(7);
        scene.closeInTurn();
        scene.loopback.clientConnection.openBidirectional(Loopback.SOON).close();
      }
    }
  }

  @Test
  void whoWaitsToOpenIsServedInOrder() throws Exception {
    try (Scene scene = new Scene()) {
      QuicConnection near = scene.loopback.clientConnection;
      AtomicInteger served = new AtomicInteger();
      List<Waiting> waiting = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        // The first waits for the peer, the others for their turn.
        Waiting one =
            Waiting.started(
                true,
                () -> {
                  try (BidirectionalStream stream = near.openBidirectional(Loopback.SOON)) {
                    int place = served.getAndIncrement();
                    stream.sendAndFinish(new byte[1]);
                    scene.loopback.serverConnection.acceptBidirectional(Loopback.SOON).close();
                    return place;
                  }
                });
        one.untilQueued();
        waiting.add(one);
      }
      scene.closeInTurn();
      for (int i = 0; i < waiting.size(); i++) {
        assertThat(waiting.get(i).value()).isEqualTo(i);
      }
    }
  }

  @Test
  void oneThatLeavesTheQueueLosesNoWakeUp() throws Exception {
    try (Scene scene = new Scene()) {
      QuicConnection near = scene.loopback.clientConnection;
      Waiting head = Waiting.in(true, near::openBidirectional);
      Waiting next = Waiting.started(false, near::openBidirectional);
      next.untilQueued();
      head.interrupt();
      assertThat(head.outcome().interrupted()).isTrue();
      scene.closeInTurn();
      ((BidirectionalStream) next.value()).close();
    }
  }

  @Test
  void callsOfManyVirtualThreadsKeepTheirDataApart() throws Exception {
    int threads = 64;
    int calls = 200;
    try (Loopback loopback = new Loopback()) {
      Waiting server = Waiting.started(true, () -> serve(loopback.serverConnection));
      List<Waiting> callers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        long base = (long) i * calls;
        callers.add(
            Waiting.started(
                true,
                () -> {
                  for (int call = 0; call < calls; call++) {
                    call(loopback.clientConnection, base + call);
                  }
                  return calls;
                }));
      }
      for (Waiting caller : callers) {
        assertThat(caller.value()).isEqualTo(calls);
      }
      loopback.clientConnection.close();
      assertThat(server.outcome().failure()).isInstanceOf(ConnectionException.class);
    }
  }

  private static void call(QuicConnection connection, long number) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(32);
      for (int at = 0; at < 4; at++) {
        request.setAtIndex(LONG, at, number * 31 + at);
      }
      try (BidirectionalStream stream = connection.openBidirectionalAndFinish(request)) {
        MemorySegment answer = MemorySegment.ofArray(stream.receiveAll(1000));
        assertThat(answer.mismatch(request)).isEqualTo(-1);
      }
    }
  }

  private static Object serve(QuicConnection connection) throws IOException {
    while (true) {
      BidirectionalStream stream = connection.acceptBidirectional();
      Thread.startVirtualThread(() -> EchoTest.echo(stream));
    }
  }

  @Test
  void aThousandVirtualThreadsWaitAtOnce() throws Exception {
    int count = 1000;
    try (Loopback loopback = new Loopback()) {
      List<Waiting> receivers = new ArrayList<>();
      List<BidirectionalStream> peers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        BidirectionalStream stream = loopback.clientConnection.openBidirectional(Loopback.SOON);
        stream.send(new byte[1]);
        peers.add(loopback.serverConnection.acceptBidirectional(Loopback.SOON));
        receivers.add(Waiting.in(true, () -> stream.receive(new byte[8])));
      }
      for (BidirectionalStream peer : peers) {
        peer.send(new byte[3]);
      }
      for (Waiting receiver : receivers) {
        assertThat(receiver.value()).isEqualTo(3);
      }
    }
  }

  @Test
  void aThousandVirtualThreadsAreWokenByTheClose() throws Exception {
    int count = 1000;
    try (Loopback loopback = new Loopback()) {
      List<Waiting> receivers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        BidirectionalStream stream = loopback.clientConnection.openBidirectional(Loopback.SOON);
        receivers.add(Waiting.in(true, () -> stream.receive(new byte[8])));
      }
      loopback.clientConnection.close();
      for (Waiting receiver : receivers) {
        assertThat(receiver.failure().kind()).isEqualTo(JetStreamException.Kind.CLOSED_LOCALLY);
      }
    }
  }

  @Test
  void aBulkStreamDoesNotStarveCalls() throws Exception {
    try (Loopback loopback = new Loopback()) {
      Waiting server = Waiting.started(true, () -> serve(loopback.serverConnection));
      SendStream bulk = loopback.clientConnection.openUnidirectional();
      Waiting sender =
          Waiting.started(
              true,
              () -> {
                byte[] data = new byte[1 << 20];
                while (true) {
                  bulk.send(data);
                }
              });
      ReceiveStream received = loopback.serverConnection.acceptUnidirectional(Loopback.SOON);
      Waiting drain =
          Waiting.started(
              true,
              () -> {
                byte[] buffer = new byte[64 << 10];
                while (received.receive(buffer) >= 0) {}
                return "ended";
              });
      for (int call = 0; call < 200; call++) {
        call(loopback.clientConnection, call);
      }
      bulk.reset(0);
      assertThat(sender.failure().kind()).isEqualTo(JetStreamException.Kind.STREAM_ENDED_LOCALLY);
      assertThat(drain.failure().kind()).isEqualTo(JetStreamException.Kind.STREAM_RESET);
      loopback.clientConnection.close();
      assertThat(server.outcome().failure()).isInstanceOf(ConnectionException.class);
    }
  }
}
