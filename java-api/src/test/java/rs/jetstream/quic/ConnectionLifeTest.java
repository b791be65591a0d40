package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.Rebinding.Fate;

/** How a connection is asked whether it lives, what it carries, and why it ended. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class ConnectionLifeTest {
  private static JetStreamException reason(QuicConnection connection) throws Exception {
    return connection.onClose().get(10, TimeUnit.SECONDS);
  }

  @Test
  void bothSidesKnowWhichSideClosed() throws Exception {
    try (Loopback loopback = new Loopback()) {
      assertThat(loopback.clientConnection.closeReason()).isEmpty();
      CompletableFuture<JetStreamException> there = loopback.serverConnection.onClose();
      assertThat(there).isNotDone();
      loopback.clientConnection.close(42);
      JetStreamException here = reason(loopback.clientConnection);
      assertThat(here.kind()).isEqualTo(Kind.CLOSED_LOCALLY);
      assertThat(here.initiator()).isEqualTo(Initiator.LOCAL);
      assertThat(here.code()).isEqualTo(42);
      JetStreamException theirs = there.get(10, TimeUnit.SECONDS);
      assertThat(theirs.kind()).isEqualTo(Kind.APPLICATION_CLOSE);
      assertThat(theirs.initiator()).isEqualTo(Initiator.REMOTE);
      assertThat(theirs.code()).isEqualTo(42);
      // The first reason stays.
      loopback.serverConnection.close(7);
      assertThat(loopback.serverConnection.closeReason()).containsSame(theirs);
      assertThat(loopback.clientConnection.closeReason()).containsSame(here);
    }
  }

  @Test
  void endOfTheEndpointIsAnEndOfItsConnections() throws Exception {
    Loopback loopback = new Loopback();
    CompletableFuture<JetStreamException> ended = loopback.serverConnection.onClose();
    loopback.close();
    assertThat(ended.get(10, TimeUnit.SECONDS).kind())
        .isIn(Kind.CLOSED_LOCALLY, Kind.APPLICATION_CLOSE);
  }

  @Test
  void timeoutIsNamed() throws Exception {
    QuicSettings quick = QuicSettings.builder().idleTimeout(Duration.ofMillis(150)).build();
    try (Loopback loopback = new Loopback(QuicSettings.defaults(), quick)) {
      JetStreamException e = reason(loopback.clientConnection);
      assertThat(e.kind()).isEqualTo(Kind.IDLE_TIMEOUT);
      assertThat(e).hasMessageContaining("idle timeout");
    }
  }

  @Test
  void whatDependsOnTheEndMayUseEverything() throws Exception {
    try (Loopback loopback = new Loopback()) {
      CompletableFuture<Boolean> used =
          loopback
              .serverConnection
              .onClose()
              .thenApply(reason -> {
                assertThat(Thread.currentThread().isVirtual()).isTrue();
                try (QuicConnection again = Loopback.connect(loopback.client, loopback.server)) {
                  return again.closeReason().isEmpty();
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      loopback.clientConnection.close();
      assertThat(used.get(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void pingComesBackWithARoundTrip() throws Exception {
    try (Loopback loopback = new Loopback()) {
      for (QuicConnection connection :
          new QuicConnection[] {loopback.clientConnection, loopback.serverConnection}) {
        for (int i = 0; i < 20; i++) {
          assertThat(connection.ping(Loopback.SOON)).isPositive();
        }
      }
    }
  }

  @Test
  void pingEndsWithTheConnectionOrItsDeadline() throws Exception {
    try (Loopback loopback = new Loopback()) {
      JetStreamException late =
          catchThrowableOfType(
              JetStreamException.class, () -> loopback.clientConnection.ping(Duration.ZERO));
      if (late != null) {
        assertThat(late.kind()).isEqualTo(Kind.DEADLINE);
      }
      loopback.clientConnection.close(3);
      assertThat(reason(loopback.serverConnection).code()).isEqualTo(3);
      ConnectionException e =
          catchThrowableOfType(
              ConnectionException.class, () -> loopback.serverConnection.ping(Loopback.SOON));
      assertThat(e.kind()).isEqualTo(Kind.APPLICATION_CLOSE);
    }
  }

  @Test
  void countersTellWhatHoldsMemory() throws Exception {
    QuicSettings small =
        QuicSettings.builder().streamWindow(64 << 10).connectionWindow(48 << 10).build();
    try (Loopback loopback = new Loopback(small, QuicSettings.defaults());
        SendStream stream = loopback.clientConnection.openUnidirectional()) {
      Claim claim = stream.claim(5000);
      assertThat(JetStreamLibrary.counters().claimedBytes()).isEqualTo(5000);
      claim.close();
      assertThat(JetStreamLibrary.counters().claimedBytes()).isZero();
      // Nobody reads more than the window.
      assertThat(stream.trySend(MemorySegment.ofArray(new byte[100_000]))).isEqualTo(100_000);
      assertThat(JetStreamLibrary.counters().sendBufferedBytes()).isGreaterThan(48_000);
      try (ReceiveStream theirs = loopback.serverConnection.acceptUnidirectional(Loopback.SOON);
          Lease lease = theirs.lend()) {
        assertThat(JetStreamLibrary.counters().leasedBytes())
            .isGreaterThanOrEqualTo(lease.byteSize());
      }
      assertThat(JetStreamLibrary.counters().leasedBytes()).isZero();
    }
  }

  @Test
  void statisticsCountTheProbesForWhatGotLost() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder);
        Rebinding relay = new Rebinding(server.localAddress());
        QuicConnection connection = client.connect(relay.address(), "localhost", Loopback.SOON)) {
      do {
        // What gets lost may be an acknowledgement, for which nobody probes.
        relay.fromClientNext(Fate.LOST);
        assertThat(connection.ping(Loopback.SOON)).isPositive();
      } while (connection.statistics().probesSent() == 0);
    }
  }

  /** s2n-quic sends no PING while it takes an earlier one to be on its way. */
  @Test
  void pingIsAnsweredThoughAProbeOfTheOneBeforeIsStillOnItsWay() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder);
        Rebinding relay = new Rebinding(server.localAddress());
        QuicConnection connection = client.connect(relay.address(), "localhost", Loopback.SOON)) {
      // Each round is one only by chance; without the product's care 3 to 10 of 20 never end.
      for (int round = 0; round < 20; round++) {
        // The PING, and the two packets that probe for it.
        relay.fromClientNext(Fate.LOST, Fate.PASSED, Fate.HELD);
        assertThat(connection.ping(Loopback.SOON)).isPositive();
        Thread.startVirtualThread(relay::release);
        assertThat(connection.ping(Loopback.SOON)).isPositive();
      }
    }
  }

  @Test
  void statisticsCountWhatIsCarried() throws Exception {
    try (Loopback loopback = new Loopback()) {
      byte[] data = new byte[300_000];
      try (SendStream stream = loopback.clientConnection.openUnidirectional()) {
        stream.sendAndFinish(data);
        try (ReceiveStream theirs = loopback.serverConnection.acceptUnidirectional(Loopback.SOON)) {
          assertThat(theirs.receiveAll(data.length)).isEqualTo(data);
        }
        stream.flush();
        assertThat(loopback.clientConnection.statistics().streams()).isEqualTo(1);
        assertThat(JetStreamLibrary.counters().sendBufferedBytes()).isZero();
      }
      ConnectionStatistics here = loopback.clientConnection.statistics();
      ConnectionStatistics there = loopback.serverConnection.statistics();
      assertThat(here.streamBytesSent()).isEqualTo(data.length);
      assertThat(there.streamBytesReceived()).isEqualTo(data.length);
      assertThat(here.bytesSent()).isGreaterThan(data.length);
      assertThat(there.bytesReceived()).isBetween((long) data.length, here.bytesSent());
      assertThat(here.datagramsSent()).isGreaterThan(data.length / 1500);
      assertThat(here.packetsSent()).isGreaterThanOrEqualTo(here.datagramsSent());
      assertThat(there.packetsReceived()).isPositive();
      assertThat(here.smoothedRtt()).isPositive();
      assertThat(here.latestRtt()).isPositive();
      assertThat(here.minRtt()).isPositive();
      assertThat(here.handshakeTime()).isPositive();
      assertThat(there.handshakeTime()).isPositive();
      assertThat(here.congestionWindow()).isPositive();
      assertThat(here.mtu()).isBetween(1200, 1500);
      assertThat(here.sendBuffered()).isZero();
      assertThat(here.streams()).isZero();
      assertThat(here.streamsTotal()).isEqualTo(1);
      assertThat(there.streamsTotal()).isEqualTo(1);
      assertThat(here.number()).isNotEqualTo(there.number() + 1_000_000);
      EndpointStatistics endpoint = loopback.server.statistics();
      assertThat(endpoint.bytesReceived()).isGreaterThanOrEqualTo(there.bytesReceived());
      assertThat(endpoint.established()).isEqualTo(1);
      assertThat(endpoint.connections()).isEqualTo(1);
    }
  }
}
