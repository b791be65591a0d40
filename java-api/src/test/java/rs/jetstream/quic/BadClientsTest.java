package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.RefusedHandshake.Cause;
import rs.jetstream.quic.TestPki.Party;

/** Clients that a server must not let in, with the cause that it must tell; and those it must. */
@Timeout(60)
final class BadClientsTest {
  /** Whom the clients meet; all trust {@link TestPki#CA} alone. */
  private enum Host {
    ANYBODY(builder -> builder),
    OPTIONAL(builder -> builder.clientAuthentication(ClientAuthentication.OPTIONAL)),
    NAMES(builder -> builder.peerPolicy(PeerPolicy.names("known.example"))),
    FINGERPRINTS(builder ->
        builder.peerPolicy(
            PeerPolicy.fingerprints(PeerIdentity.fingerprint(TestPki.CLIENT.certificate())))),
    SHORT_CHAINS(
        builder -> builder.settings(QuicSettings.builder().maxCertificateChain(2).build()));

    @SuppressWarnings("ImmutableEnumChecker") // each is a lambda of nothing
    private final UnaryOperator<QuicServer.Builder> more;

    Host(UnaryOperator<QuicServer.Builder> more) {
      this.more = more;
    }
  }

  /** A client, or null for one that shows nothing; a cause, or null for one that is let in. */
  record Row(String what, Host host, TlsIdentity identity, Cause cause) {
    @Override
    public String toString() {
      return what;
    }
  }

  private static final Party CA = TestPki.CA;

  @SuppressWarnings("TimeInStaticInitializer") // tests are short
  private static final Instant NOW = Instant.now();

  private static final Duration SOON = Duration.ofMillis(1);
  private static final Map<Host, QuicServer> SERVERS = new EnumMap<>(Host.class);
  private static final Map<Host, BlockingQueue<EndpointEvent.HandshakeFailed>> TOLD =
      new EnumMap<>(Host.class);
  private static final List<Duration> TIMES = new ArrayList<>();

  private static Forge leaf() {
    return leaf(CA);
  }

  private static Forge leaf(Party issuer) {
    return Forge.of(issuer, "client").purposes(KeyPurposeId.id_kp_clientAuth);
  }

  private static GeneralName dns(String name) {
    return new GeneralName(GeneralName.dNSName, name);
  }

  private static Row bad(String what, Cause cause, Forge leaf, Party... between) {
    return new Row(what, Host.ANYBODY, Impostor.identity(leaf.make(), between), cause);
  }

  private static Row good(String what, Host host, Forge leaf, Party... between) {
    return new Row(what, host, Impostor.identity(leaf.make(), between), null);
  }

  private static Row on(Host host, Row row) {
    return new Row(row.what + ", " + host, host, row.identity, row.cause);
  }

  /** Made once: keys of RSA take their time. */
  private static final List<Row> BAD = allBad();

  static List<Row> bad() {
    return BAD;
  }

  private static List<Row> allBad() {
    List<Row> rows = new ArrayList<>();
    rows.add(new Row("no certificate", Host.ANYBODY, null, Cause.NO_CERTIFICATE));
    rows.addAll(ofOtherIssuers());
    rows.addAll(outOfTime());
    rows.addAll(forOtherPurposes());
    rows.addAll(weak());
    rows.addAll(chains());
    rows.addAll(constrained());
    rows.addAll(unwelcome());
    return List.copyOf(rows);
  }

  private static List<Row> ofOtherIssuers() {
    Party namesake = Forge.between(null, "TEST ONLY CA").make();
    Row stranger = bad("wrong CA", Cause.UNTRUSTED, leaf(TestPki.OTHER_CA));
    return List.of(
        stranger,
        on(Host.OPTIONAL, stranger),
        on(Host.NAMES, stranger),
        bad("CA of the same name", Cause.UNTRUSTED, leaf(namesake)),
        bad("CA of the same name, sent along", Cause.UNTRUSTED, leaf(namesake), namesake),
        bad("self-signed", Cause.UNTRUSTED, leaf(null)),
        bad(
            "signed by its own key in the CA's name",
            Cause.UNTRUSTED,
            leaf().signer(Forge.keys("EC", 256).getPrivate())),
        new Row(
            "key of another certificate",
            Host.ANYBODY,
            Impostor.withoutKey(TestPki.CLIENT, Forge.keys("EC", 256).getPrivate()),
            Cause.NO_PROOF));
  }

  private static List<Row> outOfTime() {
    Instant before = NOW.minusSeconds(60);
    Instant after = NOW.plus(Duration.ofHours(1));
    Party old = Forge.between(CA, "old").until(before).make();
    Party young = Forge.between(CA, "young").from(after).make();
    Row expired = bad("expired", Cause.EXPIRED, leaf().until(before));
    return List.of(
        expired,
        on(Host.OPTIONAL, expired),
        bad("not yet valid", Cause.NOT_YET_VALID, leaf().from(after)),
        bad("expired intermediate", Cause.EXPIRED, leaf(old), old),
        bad("intermediate that is not yet valid", Cause.NOT_YET_VALID, leaf(young), young));
  }

  private static List<Row> forOtherPurposes() {
    Party forServers = Forge.between(CA, "x").purposes(KeyPurposeId.id_kp_serverAuth).make();
    return List.of(
        bad("for servers", Cause.PURPOSE, leaf().purposes(KeyPurposeId.id_kp_serverAuth)),
        bad("for code", Cause.PURPOSE, leaf().purposes(KeyPurposeId.id_kp_codeSigning)),
        bad("for any purpose", Cause.PURPOSE, leaf().purposes(KeyPurposeId.anyExtendedKeyUsage)),
        bad("intermediate for servers", Cause.PURPOSE, leaf(forServers), forServers),
        bad("CA:TRUE", Cause.PURPOSE, leaf().authority(true, null)),
        bad("CA:TRUE of length 0", Cause.PURPOSE, leaf().authority(true, 0)),
        bad(
            "CA:TRUE that may sign both",
            Cause.PURPOSE,
            leaf().authority(true, null).usage(KeyUsage.digitalSignature | KeyUsage.keyCertSign)),
        new Row("the CA itself", Host.ANYBODY, Impostor.identity(CA), Cause.PURPOSE),
        bad("key for encipherment", Cause.PURPOSE, leaf().usage(KeyUsage.keyEncipherment)),
        bad("key for agreement", Cause.PURPOSE, leaf().usage(KeyUsage.keyAgreement)),
        bad("key for certificates", Cause.PURPOSE, leaf().usage(KeyUsage.keyCertSign)));
  }

  private static List<Row> weak() {
    Party rsa = Forge.between(CA, "RSA").keys(Forge.keys("RSA", 2048)).make();
    Party shortRsa = Forge.between(CA, "short RSA").keys(Forge.keys("RSA", 1024)).make();
    Party sha1 = Forge.between(CA, "SHA-1").signature("SHA1withECDSA").make();
    return List.of(
        bad("RSA-1024", Cause.WEAK, leaf().keys(shortRsa.keys())),
        bad("RSA-2040", Cause.WEAK, leaf().keys(Forge.keys("RSA", 2040))),
        bad("intermediate of RSA-1024", Cause.WEAK, leaf(shortRsa), shortRsa),
        bad("SHA-1 with ECDSA", Cause.UNTRUSTED, leaf().signature("SHA1withECDSA")),
        bad("SHA-1 with RSA", Cause.UNTRUSTED, leaf(rsa).signature("SHA1withRSA"), rsa),
        bad("MD5", Cause.WEAK, leaf(rsa).signature("MD5withRSA"), rsa),
        bad("intermediate of SHA-1", Cause.UNTRUSTED, leaf(sha1), sha1));
  }

  private static List<Row> chains() {
    Party between = Forge.between(CA, "between").make();
    Party below = Forge.between(between, "below").make();
    Party plain = Forge.of(CA, "no CA").usage(KeyUsage.keyCertSign).make();
    Party silent = Forge.between(CA, "no sign").usage(KeyUsage.digitalSignature).make();
    Party bare = Forge.between(CA, "no constraints").without(Extension.basicConstraints).make();
    Party last = Forge.between(CA, "last").authority(true, 0).make();
    Party tooFar = Forge.between(last, "too far").make();
    Party odd = Forge.between(CA, "odd").unknownCritical().make();
    Party[] deep = new Party[7];
    for (int i = deep.length - 1; i >= 0; i--) {
      deep[i] = Forge.between(i == deep.length - 1 ? CA : deep[i + 1], "deep " + i).make();
    }
    return List.of(
        bad("missing intermediate", Cause.UNTRUSTED, leaf(between)),
        bad("missing upper intermediate", Cause.UNTRUSTED, leaf(below), below),
        bad("intermediate without CA:TRUE", Cause.UNTRUSTED, leaf(plain), plain),
        bad("intermediate without basic constraints", Cause.UNTRUSTED, leaf(bare), bare),
        bad("intermediate that may not sign", Cause.UNTRUSTED, leaf(silent), silent),
        bad("path length violated", Cause.UNTRUSTED, leaf(tooFar), tooFar, last),
        bad("chain of 8 and the CA", Cause.CHAIN_LENGTH, leaf(deep[0]), deep),
        new Row(
            "chain of 3 where 2 are taken",
            Host.SHORT_CHAINS,
            Impostor.identity(leaf(below).make(), below, between),
            Cause.CHAIN_LENGTH),
        bad("unknown critical extension", Cause.MALFORMED, leaf().unknownCritical()),
        bad("the same in an intermediate", Cause.MALFORMED, leaf(odd), odd));
  }

  private static List<Row> constrained() {
    GeneralName ip = new GeneralName(GeneralName.iPAddress, "192.0.2.0/24");
    Party without = Forge.between(CA, "without").excluding(dns("bad.example")).make();
    Party only = Forge.between(CA, "only").permitting(dns("good.example")).make();
    Party network = Forge.between(CA, "network").permitting(ip).make();
    Party mails =
        Forge.between(CA, "mail")
            .permitting(new GeneralName(GeneralName.rfc822Name, "good.example"))
            .make();
    // As in RUSTSEC-2026-0044: names that are only in the common name, with a wildcard or wide.
    X500NameBuilder wide = new X500NameBuilder();
    wide.addRDN(BCStyle.CN, new DERBMPString("a.bad.example"));
    return List.of(
        bad("excluded name", Cause.UNTRUSTED, leaf(without).dnsNames("a.bad.example"), without),
        bad("excluded wildcard", Cause.UNTRUSTED, leaf(without).dnsNames("*.bad.example"), without),
        bad("wildcard above it", Cause.UNTRUSTED, leaf(without).dnsNames("*.example"), without),
        bad(
            "excluded name in the common name",
            Cause.UNTRUSTED,
            Forge.of(without, "a.bad.example"),
            without),
        bad(
            "excluded wildcard in the common name",
            Cause.UNTRUSTED,
            Forge.of(without, "*.bad.example"),
            without),
        bad("excluded wide common name", Cause.UNTRUSTED, Forge.of(without, wide.build()), without),
        bad("name that is not permitted", Cause.UNTRUSTED, leaf(only).dnsNames("a.example"), only),
        bad(
            "one of two not permitted",
            Cause.UNTRUSTED,
            leaf(only).dnsNames("good.example", "a.example"),
            only),
        bad(
            "address that is not permitted",
            Cause.UNTRUSTED,
            leaf(network).names(GeneralName.iPAddress, "192.0.3.1"),
            network),
        bad(
            "mail that is not permitted",
            Cause.UNTRUSTED,
            leaf(mails).names(GeneralName.rfc822Name, "a@example"),
            mails));
  }

  private static List<Row> unwelcome() {
    Party between = Forge.between(CA, "between").make();
    return List.of(
        on(Host.NAMES, bad("name not on the list", Cause.POLICY, leaf().dnsNames("a.example"))),
        on(Host.NAMES, bad("name above it", Cause.POLICY, leaf().dnsNames("example"))),
        on(Host.NAMES, bad("name below it", Cause.POLICY, leaf().dnsNames("a.known.example"))),
        on(Host.NAMES, bad("wildcard over it", Cause.POLICY, leaf().dnsNames("*.example"))),
        on(Host.NAMES, bad("common name alone", Cause.POLICY, Forge.of(CA, "known.example"))),
        on(
            Host.NAMES,
            bad("name of an intermediate", Cause.POLICY, leaf(between).dnsNames("b"), between)),
        on(Host.FINGERPRINTS, bad("fingerprint not on the list", Cause.POLICY, leaf())),
        on(
            Host.FINGERPRINTS,
            bad(
                "key on the list, certificate not",
                Cause.POLICY,
                leaf().keys(TestPki.CLIENT.keys()))));
  }

  static List<Row> good() {
    Party between = Forge.between(CA, "between").make();
    Party below = Forge.between(between, "below").authority(true, 0).make();
    Party only = Forge.between(CA, "only").permitting(dns("good.example")).make();
    return List.of(
        good("plain", Host.ANYBODY, leaf()),
        good("plain where none is needed", Host.OPTIONAL, leaf()),
        new Row("none where none is needed", Host.OPTIONAL, null, null),
        good("for no purpose", Host.ANYBODY, Forge.of(CA, "x")),
        good(
            "for both roles",
            Host.ANYBODY,
            leaf().purposes(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth)),
        good(
            "without constraints and usage",
            Host.ANYBODY,
            leaf().without(Extension.basicConstraints).without(Extension.keyUsage)),
        good("RSA-2048", Host.ANYBODY, leaf().keys(Forge.keys("RSA", 2048))),
        good("P-384", Host.ANYBODY, leaf().keys(Forge.keys("EC", 384))),
        good("two between", Host.ANYBODY, leaf(below), below, between),
        good("two in a chain where 2 are taken", Host.SHORT_CHAINS, leaf(between), between),
        good("permitted name", Host.ANYBODY, leaf(only).dnsNames("a.good.example"), only),
        good("name on the list", Host.NAMES, leaf().dnsNames("a", "KNOWN.example")),
        new Row(
            "fingerprint on the list", Host.FINGERPRINTS, Impostor.identity(TestPki.CLIENT), null));
  }

  @BeforeAll
  static void open() throws Exception {
    for (Host host : Host.values()) {
      QuicServer server = Loopback.server(host.more);
      BlockingQueue<EndpointEvent.HandshakeFailed> told = new LinkedBlockingQueue<>();
      server.listen(event -> {
        if (event instanceof EndpointEvent.HandshakeFailed failed) {
          told.add(failed);
        }
      });
      SERVERS.put(host, server);
      TOLD.put(host, told);
    }
  }

  @AfterAll
  static void close() throws Exception {
    SERVERS.values().forEach(QuicServer::close);
    new LeakExtension().afterEach(null);
    // The machine may be busy now and then; the half of them shows what it takes.
    TIMES.sort(null);
    assertThat(TIMES.get(TIMES.size() / 2)).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void atLeastFortyAreRefused() {
    assertThat(BAD).hasSizeGreaterThanOrEqualTo(40);
    assertThat(BAD).extracting(Row::what).doesNotHaveDuplicates();
  }

  // r[verify security.1.17]
  @ParameterizedTest
  @MethodSource("bad")
  void badClientIsRefusedForItsCauseAndHandedToNobody(Row row) throws Exception {
    QuicServer server = SERVERS.get(row.host);
    EndpointStatistics before = server.statistics();
    try (QuicClient client = open(row)) {
      long start = System.nanoTime();
      ConnectionException e =
          catchThrowableOfType(ConnectionException.class, () -> Loopback.connect(client, server));
      TIMES.add(Duration.ofNanos(System.nanoTime() - start));
      assertThat(e).as("it is in").isNotNull();
      assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.HANDSHAKE_REFUSED);
      assertThat(e).hasMessageContaining("certificate");

      RefusedHandshake refused = server.takeRefusedHandshake().orElseThrow();
      assertThat(refused.cause()).as(refused.reason()).isEqualTo(row.cause);
      assertThat(refused.reason()).isNotBlank();
      int port = client.localAddress().getPort();
      assertThat(refused.peer().getPort()).isEqualTo(port);
      EndpointEvent.HandshakeFailed told = TOLD.get(row.host).poll(10, TimeUnit.SECONDS);
      assertThat(told.cause()).contains(row.cause);
      assertThat(told.peer().getPort()).isEqualTo(port);

      EndpointStatistics after = server.statistics();
      Map<Cause, Long> expected = new EnumMap<>(before.handshakesRefused());
      expected.merge(row.cause, 1L, Long::sum);
      assertThat(after.handshakesRefused()).isEqualTo(expected);
      assertThat(after.handshakesFailed()).isEqualTo(before.handshakesFailed() + 1);
      assertThat(after.established()).isEqualTo(before.established());
      assertThat(catchThrowableOfType(ConnectionException.class, () -> server.accept(SOON)).kind())
          .isEqualTo(Kind.DEADLINE);
    }
  }

  // r[verify security.1.17]
  @ParameterizedTest
  @MethodSource("good")
  void goodClientIsLetIn(Row row) throws Exception {
    QuicServer server = SERVERS.get(row.host);
    try (QuicClient client = open(row);
        QuicConnection connection = Loopback.connect(client, server);
        QuicConnection accepted = server.accept(Loopback.SOON)) {
      assertThat(connection.closeReason()).isEmpty();
      if (row.identity == null) {
        assertThat(accepted.peerIdentity()).isEmpty();
      } else {
        assertThat(accepted.peerCertificates()).startsWith(row.identity.chain().getFirst());
      }
    }
  }

  private static QuicClient open(Row row) throws Exception {
    QuicClient.Builder builder = QuicClient.builder().trust(CA.trust()).settings(Impostor.LENIENT);
    if (row.identity != null) {
      builder.identity(row.identity);
    }
    return builder.open();
  }
}
