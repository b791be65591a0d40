package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.Scene.Operation;

/** Calls that the caller should not have made. */
@Timeout(30)
@ExtendWith(LeakExtension.class)
final class MisuseTest {
  @Test
  void callsOnAClosedStreamAreIllegalStates() throws Exception {
    try (Scene scene = new Scene();
        Arena arena = Arena.ofConfined()) {
      BidirectionalStream stream = scene.stream;
      MemorySegment segment = arena.allocate(8);
      stream.close();
      List<ThrowingCallable> calls =
          List.of(
              () -> stream.send(segment),
              () -> stream.sendAndFinish(segment),
              () -> stream.send(new byte[8]),
              () -> stream.claim(8),
              stream::finish,
              stream::flush,
              () -> stream.reset(0),
              () -> stream.receive(segment),
              () -> stream.receive(ByteBuffer.allocate(8)),
              stream::lend,
              () -> stream.receiveAll(8),
              () -> stream.stopSending(0));
      assertThat(calls)
          .allSatisfy(call ->
              assertThatThrownBy(call)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("closed"));
      assertThat(stream.isClosed()).isTrue();
    }
  }

  @Test
  void callsOnAClosedConnectionAreIllegalStates() throws Exception {
    try (Scene scene = new Scene()) {
      QuicConnection connection = scene.loopback.clientConnection;
      connection.close();
      List<ThrowingCallable> calls =
          List.of(
              connection::openBidirectional,
              connection::openUnidirectional,
              connection::acceptBidirectional,
              connection::acceptUnidirectional,
              connection::localAddress,
              connection::peerAddress,
              () -> connection.keepAlive(true),
              () -> scene.stream.send(new byte[1]));
      assertThat(calls)
          .allSatisfy(call ->
              assertThatThrownBy(call)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("closed"));
      assertThat(connection.isClosed()).isTrue();
      assertThat(connection.closeReason().orElseThrow().kind())
          .isEqualTo(JetStreamException.Kind.CLOSED_LOCALLY);
    }
  }

  @Test
  void callsOnClosedEndpointsAreIllegalStates() throws Exception {
    Scene scene = new Scene();
    scene.close();
    Loopback loopback = scene.loopback;
    List<ThrowingCallable> calls =
        List.of(
            () -> Loopback.connect(loopback.client, loopback.server),
            loopback.server::accept,
            loopback.server::takeRefusedHandshake,
            loopback.server::statistics,
            loopback.client::statistics,
            loopback.clientConnection::openBidirectional,
            () -> scene.stream.send(new byte[1]));
    assertThat(calls)
        .allSatisfy(call ->
            assertThatThrownBy(call)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed"));
    assertThat(loopback.server.isClosed()).isTrue();
  }

  @Test
  void closingFromManyThreadsAtOnceIsClosingOnce() throws Exception {
    try (Scene scene = new Scene()) {
      List<AutoCloseable> all =
          List.of(
              scene.stream,
              scene.peer,
              scene.loopback.clientConnection,
              scene.loopback.serverConnection,
              scene.loopback.client,
              scene.loopback.server);
      CountDownLatch start = new CountDownLatch(1);
      List<Waiting> closers = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        closers.add(
            Waiting.started(
                i % 2 == 0,
                () -> {
                  start.await();
                  for (AutoCloseable it : all) {
                    it.close();
                  }
                  return "closed";
                }));
      }
      start.countDown();
      for (Waiting closer : closers) {
        assertThat(closer.value()).isEqualTo("closed");
      }
    }
  }

  @Test
  void aSecondSenderIsAnIllegalState() throws Exception {
    try (Scene scene = new Scene()) {
      Waiting first = Waiting.in(true, () -> scene.call(Operation.SEND, null));
      assertThatIllegalStateException()
          .isThrownBy(() -> scene.stream.send(new byte[1]))
          .withMessageContaining("another thread");
      assertThatIllegalStateException().isThrownBy(() -> scene.stream.claim(1));
      assertThatIllegalStateException().isThrownBy(() -> scene.stream.flush());
      scene.drain(); // the first one did not notice
      assertThat(first.value()).isEqualTo(Scene.TOO_MUCH);
    }
  }

  @Test
  void aSecondReceiverIsAnIllegalState() throws Exception {
    try (Scene scene = new Scene()) {
      Waiting first = Waiting.in(true, () -> scene.call(Operation.RECEIVE, null));
      assertThatIllegalStateException()
          .isThrownBy(() -> scene.stream.receive(new byte[1]))
          .withMessageContaining("another thread");
      assertThatIllegalStateException().isThrownBy(() -> scene.stream.lend());
      scene.peer.send(new byte[5]);
      assertThat(first.value()).isEqualTo(5);
    }
  }

  @Test
  void aLeaseBelongsToItsThread() throws Exception {
    try (Scene scene = new Scene()) {
      scene.peer.send(new byte[] {1, 2, 3});
      try (Lease lease = scene.stream.lend()) {
        MemorySegment chunk = lease.chunk(0);
        AutoCloseable closeable = lease;
        assertThat(chunk.isReadOnly()).isTrue();
        for (boolean virtual : new boolean[] {true, false}) {
          assertThat(
                  Waiting.started(virtual, () -> chunk.get(ValueLayout.JAVA_BYTE, 0))
                      .outcome()
                      .failure())
              .isInstanceOf(WrongThreadException.class);
          Waiting closer =
              Waiting.started(
                  virtual,
                  () -> {
                    closeable.close();
                    return null;
                  });
          assertThat(closer.outcome().failure()).isInstanceOf(WrongThreadException.class);
        }
        assertThat(chunk.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
      }
    }
  }

  @Test
  void aClosedLeaseCannotBeRead() throws Exception {
    try (Scene scene = new Scene()) {
      scene.peer.send(new byte[] {1, 2, 3});
      Lease lease = scene.stream.lend();
      MemorySegment chunk = lease.chunk(0);
      lease.close();
      lease.close();
      assertThatIllegalStateException().isThrownBy(() -> chunk.get(ValueLayout.JAVA_BYTE, 0));
    }
  }

  @Test
  void aLeaseOutlivesItsStreamAndConnection() throws Exception {
    try (Scene scene = new Scene()) {
      scene.peer.send(new byte[] {1, 2, 3});
      try (Lease lease = scene.stream.lend()) {
        scene.stream.close();
        scene.loopback.clientConnection.close();
        assertThat(lease.chunk(0).get(ValueLayout.JAVA_BYTE, 2)).isEqualTo((byte) 3);
      }
    }
  }

  @Test
  void aClaimEndsWithItsCommit() throws Exception {
    try (Scene scene = new Scene()) {
      Claim claim = scene.stream.claim(16);
      MemorySegment memory = claim.segment();
      memory.fill((byte) 9);
      assertThatIllegalArgumentException().isThrownBy(() -> claim.commit(17));
      assertThatIllegalArgumentException().isThrownBy(() -> claim.commit(-1));
      claim.commit(4);
      assertThatIllegalStateException().isThrownBy(() -> claim.commit(4));
      assertThatIllegalStateException()
          .isThrownBy(() -> memory.set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
      claim.close();
      claim.close();
      scene.stream.finish();
      assertThat(scene.peer.receiveAll(100)).containsExactly(9, 9, 9, 9);
    }
  }

  @Test
  void aClaimThatIsNotCommittedIsNotSent() throws Exception {
    try (Scene scene = new Scene()) {
      MemorySegment memory;
      try (Claim claim = scene.stream.claim(16)) {
        memory = claim.segment();
      }
      assertThatIllegalStateException()
          .isThrownBy(() -> memory.set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
      scene.stream.finish();
      assertThat(scene.peer.receiveAll(100)).isEmpty();
    }
  }

  @Test
  void aClaimOfAClosedStreamIsGivenBack() throws Exception {
    try (Scene scene = new Scene()) {
      Claim claim = scene.stream.claim(16);
      scene.stream.close();
      claim.segment().fill((byte) 1);
      assertThatIllegalStateException().isThrownBy(claim::commit);
    }
  }

  @Test
  void memoryOfAClosedArenaIsRefused() throws Exception {
    try (Scene scene = new Scene()) {
      MemorySegment gone;
      try (Arena arena = Arena.ofConfined()) {
        gone = arena.allocate(64);
      }
      assertThatIllegalStateException().isThrownBy(() -> scene.stream.send(gone));
      assertThatIllegalStateException().isThrownBy(() -> scene.stream.receive(gone));
      assertThatIllegalStateException()
          .isThrownBy(() -> scene.loopback.serverConnection.openBidirectionalAndFinish(gone));
      scene.stream.sendAndFinish(new byte[3]);
      assertThat(scene.peer.receiveAll(100)).hasSize(3);
    }
  }

  @Test
  void memoryOfAnotherThreadIsRefused() throws Exception {
    try (Scene scene = new Scene();
        Arena arena = Arena.ofConfined()) {
      MemorySegment theirs = arena.allocate(64);
      Waiting sender =
          Waiting.started(
              true,
              () -> {
                scene.stream.send(theirs);
                return null;
              });
      assertThat(sender.outcome().failure()).isInstanceOf(WrongThreadException.class);
    }
  }

  @Test
  void heapMemoryIsCopied() throws Exception {
    try (Scene scene = new Scene()) {
      scene.stream.send(MemorySegment.ofArray(new long[] {1, 2}));
      scene.stream.send(ByteBuffer.wrap(new byte[] {7, 8, 9}, 1, 2));
      scene.stream.send(ByteBuffer.allocateDirect(3));
      scene.stream.finish();
      byte[] received = new byte[100];
      MemorySegment target = MemorySegment.ofArray(received).asSlice(10);
      int total = 0;
      for (long n; (n = scene.peer.receive(target.asSlice(total))) >= 0; ) {
        total += (int) n;
      }
      assertThat(total).isEqualTo(16 + 2 + 3);
      assertThat(received[9]).isZero();
      assertThat(received[10 + 16]).isEqualTo((byte) 8);
    }
  }

  @Test
  void aReadOnlyTargetIsRefusedBeforeAnythingIsTaken() throws Exception {
    try (Scene scene = new Scene();
        Arena arena = Arena.ofConfined()) {
      scene.peer.send(new byte[] {5});
      assertThatIllegalArgumentException()
          .isThrownBy(() -> scene.stream.receive(arena.allocate(8).asReadOnly()));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> scene.stream.receive(MemorySegment.ofArray(new byte[8]).asReadOnly()));
      assertThatThrownBy(() -> scene.stream.receive(ByteBuffer.allocate(8).asReadOnlyBuffer()))
          .isInstanceOf(IllegalArgumentException.class);
      byte[] target = new byte[8];
      assertThat(scene.stream.receive(target)).isEqualTo(1);
      assertThat(target[0]).isEqualTo((byte) 5);
    }
  }

  @Test
  void codesOutOfRangeAreRefused() throws Exception {
    try (Scene scene = new Scene()) {
      for (long code : new long[] {-1, 1L << 62, Long.MIN_VALUE}) {
        assertThatIllegalArgumentException().isThrownBy(() -> scene.stream.reset(code));
        assertThatIllegalArgumentException().isThrownBy(() -> scene.stream.stopSending(code));
        assertThatIllegalArgumentException()
            .isThrownBy(() -> scene.loopback.clientConnection.close(code));
      }
      scene.stream.sendAndFinish(new byte[3]);
      assertThat(scene.peer.receiveAll(100)).hasSize(3);
    }
  }
}
