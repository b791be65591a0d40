package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.TestPki.Party;

/** Who of all that the trusted issuers vouch for is welcome. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class PeerPolicyTest {
  private static final Party WEB =
      TestPki.client(
          TestPki.CA,
          "web",
          new GeneralName(GeneralName.dNSName, "web.example"),
          new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://example/web"),
          new GeneralName(GeneralName.rfc822Name, "web@example.com"),
          new GeneralName(GeneralName.iPAddress, "192.0.2.7"));

  private static QuicServer server(PeerPolicy policy) throws Exception {
    return Loopback.server(builder -> builder.peerPolicy(policy));
  }

  private static QuicClient client(Party party) throws Exception {
    return QuicClient.builder().trust(TestPki.CA.trust()).identity(party.identity()).open();
  }

  private static void assertRefused(QuicServer server, Party party) throws Exception {
    try (QuicClient client = client(party)) {
      ConnectionException e =
          catchThrowableOfType(ConnectionException.class, () -> Loopback.connect(client, server));
      assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.HANDSHAKE_REFUSED);
      assertThat(server.takeRefusedHandshake()).isPresent();
      assertThat(
              catchThrowableOfType(
                      ConnectionException.class, () -> server.accept(Duration.ofMillis(50)))
                  .kind())
          .isEqualTo(Kind.DEADLINE);
    }
  }

  private static void assertWelcome(QuicServer server, Party party) throws Exception {
    try (QuicClient client = client(party);
        QuicConnection connection = Loopback.connect(client, server);
        QuicConnection accepted = server.accept(Loopback.SOON)) {
      assertThat(connection.closeReason()).isEmpty();
      assertThat(accepted.peerIdentity().orElseThrow().fingerprint())
          .isEqualTo(PeerIdentity.fingerprint(party.certificate()));
    }
  }

  // r[verify security.1.17]
  @Test
  void identityTellsNamesByKindAndTheFingerprint() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = client(WEB);
        QuicConnection connection = Loopback.connect(client, server);
        QuicConnection accepted = server.accept(Loopback.SOON)) {
      PeerIdentity web = accepted.peerIdentity().orElseThrow();
      assertThat(web.subject()).contains("CN=web");
      assertThat(web.dnsNames()).containsExactly("web.example");
      assertThat(web.uris()).containsExactly("spiffe://example/web");
      assertThat(web.emails()).containsExactly("web@example.com");
      assertThat(web.ipAddresses()).containsExactly("192.0.2.7");
      assertThat(web.chain().getFirst()).isEqualTo(WEB.certificate());
      assertThat(web.fingerprint()).matches("[0-9a-f]{64}");
      assertThat(web.toString()).contains("CN=web").contains(web.fingerprint());
      PeerIdentity localhost = connection.peerIdentity().orElseThrow();
      assertThat(localhost.dnsNames()).containsExactly("localhost");
      assertThat(localhost.hasName("LOCALHOST")).isTrue();
    }
  }

  @Test
  void nobodyShowsNoIdentity() throws Exception {
    try (QuicServer server =
            Loopback.server(b -> b.clientAuthentication(ClientAuthentication.OPTIONAL));
        QuicClient client = QuicClient.builder().trust(TestPki.CA.trust()).open();
        QuicConnection connection = Loopback.connect(client, server);
        QuicConnection accepted = server.accept(Loopback.SOON)) {
      assertThat(accepted.peerIdentity()).isEmpty();
      assertThat(connection.peerIdentity()).isPresent();
    }
  }

  // r[verify security.1.17]
  @Test
  void onlyListedNamesGetIn() throws Exception {
    for (String name :
        List.of("WEB.example", "spiffe://example/web", "web@example.com", "192.0.2.7")) {
      try (QuicServer server = server(PeerPolicy.names("other", name))) {
        assertWelcome(server, WEB);
        assertRefused(server, TestPki.CLIENT);
      }
    }
    for (String name : List.of("", "eb.example", "spiffe://example/WEB", "web", "CN=web")) {
      try (QuicServer server = server(PeerPolicy.names(name))) {
        assertRefused(server, WEB);
      }
    }
  }

  @Test
  void onlyListedFingerprintsGetIn() throws Exception {
    String web = PeerIdentity.fingerprint(WEB.certificate());
    String withColons = web.toUpperCase(java.util.Locale.ROOT).replaceAll("(..)(?!$)", "$1:");
    for (String fingerprint : List.of(web, withColons)) {
      try (QuicServer server = server(PeerPolicy.fingerprints(fingerprint))) {
        assertWelcome(server, WEB);
        assertRefused(server, TestPki.CLIENT);
      }
    }
    assertThatThrownBy(() -> PeerPolicy.fingerprints("12:34"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64 hexadecimal digits");
  }

  @Test
  void predicateRunsOffTheEndpointAndSeesWhoAndWhere() throws Exception {
    AtomicReference<Thread> thread = new AtomicReference<>();
    AtomicReference<InetSocketAddress> where = new AtomicReference<>();
    try (QuicServer server =
            server((peer, address) -> {
              thread.set(Thread.currentThread());
              where.set(address);
              return peer.hasName("web.example");
            });
        QuicClient client = client(WEB);
        QuicConnection connection = Loopback.connect(client, server)) {
      assertThat(thread.get().isVirtual()).isTrue();
      assertThat(where.get().getPort()).isEqualTo(client.localAddress().getPort());
      assertThat(connection.closeReason()).isEmpty();
    }
  }

  // r[verify security.1.17]
  @Test
  void strangersAreRefusedBeforeThePolicyIsAsked() throws Exception {
    AtomicReference<PeerIdentity> asked = new AtomicReference<>();
    try (QuicServer server =
        server((peer, address) -> {
          asked.set(peer);
          return true;
        })) {
      assertRefused(server, TestPki.STRANGER);
      assertThat(asked.get()).isNull();
    }
  }

  @Test
  void exceptionOfThePolicyRefuses() throws Exception {
    try (QuicServer server =
        server((peer, address) -> {
          throw new IllegalStateException("planted");
        })) {
      assertRefused(server, WEB);
      assertRefused(server, TestPki.CLIENT);
    }
  }

  @Test
  void noAnswerInTimeRefusesAndHoldsNobodyElse() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    UnaryOperator<QuicServer.Builder> slow =
        b ->
            b.decisionTimeout(Duration.ofMillis(200))
                .peerPolicy((peer, address) -> {
                  if (!peer.hasName("web.example")) {
                    never.await();
                  }
                  return true;
                });
    try (QuicServer server = Loopback.server(slow)) {
      Waiting refused =
          Waiting.started(
              true,
              () -> {
                assertRefused(server, TestPki.CLIENT);
                return true;
              });
      assertThat(refused.value()).isEqualTo(true);
      assertWelcome(server, WEB);
    } finally {
      never.countDown();
    }
  }

  /** Long after the client's own part of the handshake, and after many of its probes. */
  @Test
  void refusalThatComesLateIsHeard() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (QuicServer server =
        Loopback.server(b ->
            b.decisionTimeout(Duration.ofMillis(1500))
                .peerPolicy((peer, address) -> {
                  never.await();
                  return true;
                }))) {
      assertRefused(server, WEB);
    } finally {
      never.countDown();
    }
  }

  @Test
  void clientJudgesItsServerToo() throws Exception {
    String pinned = PeerIdentity.fingerprint(TestPki.SERVER.certificate());
    String other = PeerIdentity.fingerprint(TestPki.CLIENT.certificate());
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient good = Loopback.client(b -> b.peerPolicy(PeerPolicy.fingerprints(pinned)));
        QuicClient bad = Loopback.client(b -> b.peerPolicy(PeerPolicy.fingerprints(other)))) {
      Loopback.connect(good, server).close();
      ConnectionException e =
          catchThrowableOfType(ConnectionException.class, () -> Loopback.connect(bad, server));
      assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.PEER_NOT_TRUSTED);
    }
  }

  @Test
  void helloIsJudgedByNameAndProtocols() throws Exception {
    AtomicReference<ClientHello> seen = new AtomicReference<>();
    try (QuicServer server =
            Loopback.server(b ->
                b.alpn("two", "one")
                    .helloPolicy(hello -> {
                      seen.set(hello);
                      return !hello.protocols().contains("two");
                    }));
        QuicClient good = Loopback.client(b -> b.alpn("zero", "one"));
        QuicClient bad = Loopback.client(b -> b.alpn("one", "two"))) {
      try (QuicConnection connection = Loopback.connect(good, server)) {
        assertThat(connection.tls().applicationProtocol()).isEqualTo("one");
        assertThat(seen.get().serverName()).isEqualTo("localhost");
        assertThat(seen.get().protocols()).containsExactly("zero", "one");
        assertThat(seen.get().address().getPort()).isEqualTo(good.localAddress().getPort());
      }
      ConnectionException e =
          catchThrowableOfType(ConnectionException.class, () -> Loopback.connect(bad, server));
      assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.HANDSHAKE_REFUSED);
    }
  }

  @Test
  void policyWithoutCertificatesIsRefused() {
    assertThatThrownBy(() ->
            Loopback.server(b ->
                b.clientAuthentication(ClientAuthentication.NONE)
                    .peerPolicy(PeerPolicy.names("x"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("asks for none");
  }
}
