package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.math.BigInteger;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.TestPki.Party;

@Timeout(60)
@ExtendWith(LeakExtension.class)
final class TlsReloadTest {
  private static final Party RENEWED = TestPki.server(TestPki.CA, "localhost", TestPki.tomorrow());

  private static BigInteger serial(QuicClient client, QuicServer server) throws IOException {
    try (QuicConnection connection = Loopback.connect(client, server)) {
      return connection.peerCertificates().getFirst().getSerialNumber();
    }
  }

  private static BigInteger serial(Party party) {
    return party.certificate().getSerialNumber();
  }

  // r[verify security.1.13]
  @Test
  void newHandshakesSeeTheNewIdentityAndOldConnectionsGoOn() throws Exception {
    try (Loopback loopback = new Loopback()) {
      assertThat(serial(loopback.client, loopback.server)).isEqualTo(serial(TestPki.SERVER));
      loopback.server.reload(TlsReload.of().identity(RENEWED.identity()));
      assertThat(serial(loopback.client, loopback.server)).isEqualTo(serial(RENEWED));
      assertCarries(loopback.clientConnection, loopback.serverConnection);
    }
  }

  private static void assertCarries(QuicConnection from, QuicConnection to) throws IOException {
    try (BidirectionalStream stream = from.openBidirectional()) {
      stream.send(new byte[] {7});
      try (BidirectionalStream theirs = to.acceptBidirectional(Loopback.SOON)) {
        assertThat(theirs.receive(new byte[1])).isEqualTo(1);
      }
    }
  }

  @Test
  void newTrustCountsForNewHandshakes() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient known = Loopback.client(builder -> builder);
        QuicClient stranger =
            QuicClient.builder()
                .trust(TestPki.CA.trust())
                .identity(TestPki.STRANGER.identity())
                .open()) {
      Loopback.connect(known, server).close();
      server.reload(TlsReload.of().trust(TestPki.OTHER_CA.trust()));
      Loopback.connect(stranger, server).close();
      ConnectionException e =
          catchThrowableOfType(ConnectionException.class, () -> Loopback.connect(known, server));
      assertThat(e.kind()).isEqualTo(Kind.HANDSHAKE_REFUSED);
    }
  }

  @Test
  void clientReloadsItsIdentityToo() throws Exception {
    try (Loopback loopback = new Loopback()) {
      Party renewed = TestPki.client(TestPki.CA, "client", TestPki.tomorrow());
      loopback.client.reload(TlsReload.of().identity(renewed.identity()));
      try (QuicConnection connection = Loopback.connect(loopback.client, loopback.server);
          QuicConnection accepted = loopback.server.accept(Loopback.SOON)) {
        assertThat(accepted.peerIdentity().orElseThrow().fingerprint())
            .isEqualTo(PeerIdentity.fingerprint(renewed.certificate()));
        assertThat(connection.closeReason()).isEmpty();
      }
    }
  }

  // r[verify security.1.13]
  @Test
  void badReloadKeepsWhatWasThere() throws Exception {
    TlsIdentity mismatched = TlsIdentity.ofPem(TestPki.SERVER.certificatePem(), RENEWED.keyPem());
    TlsIdentity closed = RENEWED.identity();
    closed.close();
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder)) {
      assertThatThrownBy(() -> server.reload(TlsReload.of().identity(mismatched)))
          .isInstanceOfSatisfying(
              ConfigurationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.KEY_MISMATCH));
      assertThatThrownBy(() -> server.reload(TlsReload.of().securityPolicy("no-such")))
          .isInstanceOfSatisfying(
              ConfigurationException.class,
              e -> assertThat(e.kind()).isEqualTo(Kind.BAD_TLS_SETTINGS))
          .hasMessageContaining("no-such");
      assertThatThrownBy(() -> server.reload(TlsReload.of().identity(closed)))
          .isInstanceOf(IllegalStateException.class);
      assertThat(serial(client, server)).isEqualTo(serial(TestPki.SERVER));
    }
  }

  // r[verify security.1.13]
  @Test
  void hundredReloadsUnderLoadLoseNoConnection() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder)) {
      AtomicBoolean done = new AtomicBoolean();
      AtomicLong connects = new AtomicLong();
      Waiting load =
          Waiting.started(
              true,
              () -> {
                do {
                  BigInteger serial = serial(client, server);
                  assertThat(serial).isIn(serial(TestPki.SERVER), serial(RENEWED));
                  connects.incrementAndGet();
                } while (!done.get());
                return connects.get();
              });
      for (int i = 0; i < 100; i++) {
        Party next = i % 2 == 0 ? RENEWED : TestPki.SERVER;
        server.reload(TlsReload.of().identity(next.identity()));
        assertThat(serial(client, server)).isEqualTo(serial(next));
      }
      done.set(true);
      assertThat((long) load.value()).isPositive();
    }
  }

  @Test
  void closedServerReloadsNothing() throws Exception {
    QuicServer server = Loopback.server(builder -> builder);
    server.close();
    assertThatThrownBy(() -> server.reload(TlsReload.of()))
        .isInstanceOf(IllegalStateException.class);
  }
}
