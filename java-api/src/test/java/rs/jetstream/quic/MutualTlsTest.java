package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.JetStreamException.Kind;

/** Who gets in, who does not, and what both sides are told. */
@Timeout(60)
final class MutualTlsTest {
  private static final Duration NOW = Duration.ofMillis(1);

  /** A peer that answers is told apart this quickly. */
  private static final Duration QUICK = Duration.ofSeconds(1);

  // r[verify security.1.17]
  @Test
  void bothSidesSeeTheOther() throws Exception {
    try (Loopback loopback = new Loopback()) {
      // As verified: up to the issuer that is trusted.
      assertThat(loopback.clientConnection.peerCertificates())
          .containsExactly(TestPki.SERVER.certificate(), TestPki.CA.certificate());
      assertThat(loopback.serverConnection.peerCertificates())
          .containsExactly(TestPki.CLIENT.certificate(), TestPki.CA.certificate());
      assertThat(loopback.clientConnection.peerAddress()).isEqualTo(loopback.server.localAddress());
      assertThat(loopback.serverConnection.peerAddress().getPort())
          .isEqualTo(loopback.client.localAddress().getPort());
      assertThat(loopback.server.takeRefusedHandshake()).isEmpty();
    }
  }

  // r[verify security.1.29]
  @Test
  void bothSidesAgreeOnTls13WithAPostQuantumKeyExchange() throws Exception {
    try (Loopback loopback = new Loopback()) {
      for (TlsInfo tls :
          List.of(loopback.clientConnection.tls(), loopback.serverConnection.tls())) {
        assertThat(tls.quicVersion()).isEqualTo(1);
        assertThat(tls.cipherSuite()).startsWith("TLS_AES_");
        assertThat(tls.keyExchangeGroup()).isEqualTo("X25519MLKEM768");
        assertThat(tls.postQuantum()).isTrue();
        assertThat(tls.applicationProtocol()).isEqualTo("jetstream");
        assertThat(tls.serverName()).isEqualTo("localhost");
      }
    }
  }

  @Test
  void protocolOfTheServersChoiceIsTaken() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder.alpn("bb", "aa"));
        QuicClient client = Loopback.client(builder -> builder.alpn("xx", "aa", "bb"))) {
      assertThat(Loopback.connect(client, server).tls().applicationProtocol()).isEqualTo("bb");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void serverIsReachedAndVerifiedByItsAddress(String ip) throws Exception {
    InetAddress address = InetAddress.getByName(ip);
    try (QuicServer server =
            Loopback.server(builder -> builder.address(new InetSocketAddress(address, 0)));
        QuicClient client = Loopback.client(builder -> builder);
        QuicConnection connection =
            client.connect(ip, server.localAddress().getPort(), Loopback.SOON);
        QuicConnection accepted = server.accept(Loopback.SOON)) {
      assertThat(connection.peerAddress()).isEqualTo(server.localAddress());
      assertThat(accepted.peerAddress().getAddress()).isEqualTo(address);
    }
  }

  // r[verify security.1.17]
  @Test
  void clientWithoutACertificateIsRefused() throws Exception {
    QuicClient.Builder nobody = QuicClient.builder().trust(TestPki.CA.trust());
    assertRefusedByServer(nobody, "certificate");
  }

  // r[verify security.1.17]
  @Test
  void clientOfAStrangersIssuerIsRefused() throws Exception {
    assertRefusedByServer(clientOf(TestPki.STRANGER.identity()), "trust");
  }

  @Test
  void clientWhoseCertificateExpiresWhileItRunsIsRefused() throws Exception {
    Instant soon = Instant.now().plusSeconds(2);
    TlsIdentity shortLived = TestPki.client(TestPki.CA, "short-lived", soon).identity();
    QuicClient.Builder client = clientOf(shortLived);
    while (Instant.now().isBefore(soon.plusSeconds(1))) { // the event is the time itself
      LockSupport.parkNanos(10_000_000);
    }
    assertRefusedByServer(client, "expired");
  }

  @Test
  void expiredCertificateIsNotEvenTaken() {
    TestPki.Party expired = TestPki.client(TestPki.CA, "expired", Instant.now().minusSeconds(60));
    ConfigurationException e =
        catchThrowableOfType(
            ConfigurationException.class,
            () -> TlsIdentity.of(expired.keys().getPrivate(), List.of(expired.certificate())));
    assertThat(e.kind()).isEqualTo(Kind.CERTIFICATE_NOT_VALID_NOW);
    assertThat(e).hasMessageContaining("expired");
  }

  // r[verify security.1.17]
  @Test
  void certificateForServersIsRefusedFromAClient() throws Exception {
    assertRefusedByServer(clientOf(TestPki.SERVER.identity()), "");
  }

  // r[verify security.1.12]
  @Test
  void serverOfAnotherNameIsNotTrusted() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder)) {
      ConnectionException e =
          refusal(() -> client.connect(server.localAddress(), "example.com", Loopback.SOON));
      assertThat(e.kind()).isEqualTo(Kind.PEER_NOT_TRUSTED);
      assertThat(e.initiator()).isEqualTo(Initiator.LOCAL);
      assertThat(e).hasMessageContaining("connect to example.com at");
      assertNoConnection(server);
    }
  }

  // r[verify security.1.12]
  @Test
  void serverOfAnotherIssuerIsNotTrusted() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(b -> b.trust(TestPki.OTHER_CA.trust()))) {
      ConnectionException e = refusal(() -> Loopback.connect(client, server));
      assertThat(e.kind()).isEqualTo(Kind.PEER_NOT_TRUSTED);
      assertNoConnection(server);
    }
  }

  // r[verify security.1.12]
  @Test
  void serverIsNotTrustedByTheIssuersOfTheSystem() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder.trust(TlsTrust.system()))) {
      ConnectionException e = refusal(() -> Loopback.connect(client, server));
      assertThat(e.kind()).isEqualTo(Kind.PEER_NOT_TRUSTED);
      assertNoConnection(server);
    }
  }

  @Test
  void otherProtocolIsRefused() throws Exception {
    QuicClient.Builder other = clientOf(TestPki.CLIENT.identity()).alpn("other");
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = other.open()) {
      ConnectionException e = refusal(() -> Loopback.connect(client, server));
      assertThat(e.kind()).isEqualTo(Kind.HANDSHAKE_REFUSED);
      assertThat(e.code()).isEqualTo(0x100 + 120); // no_application_protocol
      assertNoConnection(server);
    }
  }

  // r[verify security.1.17]
  @Test
  void serverGoesOnAfterARefusal() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient stranger = clientOf(TestPki.STRANGER.identity()).open();
        QuicClient client = Loopback.client(builder -> builder)) {
      refusal(() -> Loopback.connect(stranger, server));
      try (QuicConnection connection = Loopback.connect(client, server)) {
        assertThat(server.accept(Loopback.SOON).peerAddress().getPort())
            .isEqualTo(client.localAddress().getPort());
        assertThat(connection.closeReason()).isEmpty();
      }
    }
  }

  @Test
  void optionalLetsClientsInWithAndWithoutACertificateButNoStranger() throws Exception {
    try (QuicServer server =
            Loopback.server(b -> b.clientAuthentication(ClientAuthentication.OPTIONAL));
        QuicClient known = Loopback.client(builder -> builder);
        QuicClient nobody = QuicClient.builder().trust(TestPki.CA.trust()).open();
        QuicClient stranger = clientOf(TestPki.STRANGER.identity()).open()) {
      assertThat(seenBy(server, known)).startsWith(TestPki.CLIENT.certificate());
      assertThat(seenBy(server, nobody)).isEmpty();
      assertThat(refusal(() -> Loopback.connect(stranger, server)).kind())
          .isEqualTo(Kind.HANDSHAKE_REFUSED);
      assertNoConnection(server);
    }
  }

  @Test
  void noneAsksNobody() throws Exception {
    try (QuicServer server =
            QuicServer.builder()
                .identity(TestPki.SERVER.identity())
                .clientAuthentication(ClientAuthentication.NONE)
                .open();
        QuicClient stranger = clientOf(TestPki.STRANGER.identity()).open()) {
      assertThat(seenBy(server, stranger)).isEmpty();
    }
  }

  @Test
  void serverNeedsAnIdentityAndWhomToTrust() throws Exception {
    assertThat(catchThrowableOfType(IllegalStateException.class, QuicServer.builder()::open))
        .hasMessageContaining("identity(...)");
    QuicServer.Builder builder = QuicServer.builder().identity(TestPki.SERVER.identity());
    assertThat(catchThrowableOfType(IllegalStateException.class, builder::open))
        .hasMessageContaining("trust(...)");
  }

  private static QuicClient.Builder clientOf(TlsIdentity identity) {
    return QuicClient.builder().trust(TestPki.CA.trust()).identity(identity);
  }

  private static List<X509Certificate> seenBy(QuicServer server, QuicClient client)
      throws IOException {
    try (QuicConnection connection = Loopback.connect(client, server);
        QuicConnection accepted = server.accept(Loopback.SOON)) {
      assertThat(connection.isClosed()).isFalse();
      return accepted.peerCertificates();
    }
  }

  /** The client is refused with an alert; the server knows whom and why, and accepts nobody. */
  private static void assertRefusedByServer(QuicClient.Builder builder, String reason)
      throws Exception {
    try (QuicServer server = Loopback.server(it -> it);
        QuicClient client = builder.open()) {
      ConnectionException e = refusal(() -> Loopback.connect(client, server));
      assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.HANDSHAKE_REFUSED);
      assertThat(e.initiator()).isEqualTo(Initiator.REMOTE);
      assertThat(e.code()).isBetween(0x100L, 0x1ffL);
      assertThat(e)
          .hasMessageContaining(
              "connect to localhost at 127.0.0.1:" + server.localAddress().getPort());
      Optional<RefusedHandshake> refused = server.takeRefusedHandshake();
      assertThat(refused).isPresent();
      assertThat(refused.get().reason()).containsIgnoringCase(reason);
      assertThat(refused.get().peer().getPort()).isEqualTo(client.localAddress().getPort());
      assertThat(server.takeRefusedHandshake()).isEmpty();
      assertThat(server.statistics().handshakesFailed()).isEqualTo(1);
      assertNoConnection(server);
    }
  }

  private static void assertNoConnection(QuicServer server) throws Exception {
    assertThat(refusal(() -> server.accept(NOW)).kind()).isEqualTo(Kind.DEADLINE);
    // What was refused is still being closed.
    long until = System.nanoTime() + Loopback.SOON.toNanos();
    while (server.statistics().connections() > 0 && System.nanoTime() - until < 0) {
      Thread.onSpinWait();
    }
    assertThat(server.statistics().connections()).isZero();
  }

  private static ConnectionException refusal(Callable<?> call) {
    long start = System.nanoTime();
    ConnectionException e =
        catchThrowableOfType(
            ConnectionException.class,
            () -> {
              Object made = call.call();
              throw new AssertionError("succeeded with " + made);
            });
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(QUICK);
    return e;
  }
}
