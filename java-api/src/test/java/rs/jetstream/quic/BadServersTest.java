package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.RefusedHandshake.Cause;
import rs.jetstream.quic.TestPki.Party;

/** Servers that a client must not believe, with the cause that it must tell; and those it must. */
@Timeout(60)
final class BadServersTest {
  /** A server, and the name that it is asked for; a cause, or null for one that is believed. */
  record Row(String what, TlsIdentity identity, String name, Cause cause) {
    @Override
    public String toString() {
      return what;
    }
  }

  private static final Party CA = TestPki.CA;
  private static final String NAME = "a.example";

  @SuppressWarnings("TimeInStaticInitializer") // tests are short
  private static final Instant NOW = Instant.now();

  private static final List<Duration> TIMES = new ArrayList<>();
  private static final BlockingQueue<EndpointEvent.HandshakeFailed> TOLD =
      new LinkedBlockingQueue<>();
  private static QuicClient client;

  private static Forge leaf() {
    return leaf(CA);
  }

  private static Forge leaf(Party issuer) {
    return Forge.of(issuer, "server").purposes(KeyPurposeId.id_kp_serverAuth).dnsNames(NAME);
  }

  private static Row row(String name, Cause cause, String what, Forge leaf, Party... between) {
    return new Row(what, Impostor.identity(leaf.make(), between), name, cause);
  }

  private static Row bad(Cause cause, String what, Forge leaf, Party... between) {
    return row(NAME, cause, what, leaf, between);
  }

  /** Asked for {@code name}, and named otherwise. */
  private static Row other(String name, String what, Forge leaf) {
    return row(name, Cause.NAME, what + ", asked for " + name, leaf);
  }

  private static Row good(String name, String what, Forge leaf, Party... between) {
    return row(name, null, what + ", asked for " + name, leaf, between);
  }

  private static Forge dns(String... names) {
    return leaf().dnsNames(names);
  }

  private static Forge ip(String... addresses) {
    return leaf().names(GeneralName.iPAddress, addresses);
  }

  /** Made once: keys of RSA take their time. */
  private static final List<Row> BAD = allBad();

  static List<Row> bad() {
    return BAD;
  }

  private static List<Row> allBad() {
    List<Row> rows = new ArrayList<>();
    rows.addAll(certificates());
    rows.addAll(chains());
    rows.addAll(otherNames());
    rows.addAll(noNames());
    return List.copyOf(rows);
  }

  private static List<Row> certificates() {
    return List.of(
        bad(Cause.UNTRUSTED, "wrong CA", leaf(TestPki.OTHER_CA)),
        bad(Cause.UNTRUSTED, "self-signed", leaf(null)),
        bad(Cause.UNTRUSTED, "other signer", leaf().signer(Forge.keys("EC", 256).getPrivate())),
        bad(Cause.EXPIRED, "expired", leaf().until(NOW.minusSeconds(60))),
        bad(Cause.NOT_YET_VALID, "not yet valid", leaf().from(NOW.plusSeconds(3600))),
        bad(Cause.PURPOSE, "for clients", leaf().purposes(KeyPurposeId.id_kp_clientAuth)),
        bad(Cause.PURPOSE, "for any purpose", leaf().purposes(KeyPurposeId.anyExtendedKeyUsage)),
        bad(Cause.PURPOSE, "CA:TRUE", leaf().authority(true, null)),
        bad(
            Cause.PURPOSE,
            "CA:TRUE that may sign both",
            leaf().authority(true, 0).usage(KeyUsage.digitalSignature | KeyUsage.keyCertSign)),
        bad(Cause.PURPOSE, "key for encipherment", leaf().usage(KeyUsage.keyEncipherment)),
        bad(Cause.PURPOSE, "key for certificates", leaf().usage(KeyUsage.keyCertSign)),
        bad(Cause.WEAK, "RSA-1024", leaf().keys(Forge.keys("RSA", 1024))),
        bad(Cause.UNTRUSTED, "SHA-1", leaf().signature("SHA1withECDSA")),
        bad(Cause.MALFORMED, "unknown critical extension", leaf().unknownCritical()),
        new Row(
            "key of another certificate",
            Impostor.withoutKey(leaf().make(), Forge.keys("EC", 256).getPrivate()),
            NAME,
            Cause.NO_PROOF));
  }

  private static List<Row> chains() {
    Party between = Forge.between(CA, "between").make();
    Party plain = Forge.of(CA, "no CA").usage(KeyUsage.keyCertSign).make();
    Party old = Forge.between(CA, "old").until(NOW.minusSeconds(60)).make();
    Party clients = Forge.between(CA, "clients").purposes(KeyPurposeId.id_kp_clientAuth).make();
    Party shortRsa = Forge.between(CA, "RSA").keys(Forge.keys("RSA", 1024)).make();
    Party without =
        Forge.between(CA, "without")
            .excluding(new GeneralName(GeneralName.dNSName, "example"))
            .make();
    Party last = Forge.between(CA, "last").authority(true, 0).make();
    Party tooFar = Forge.between(last, "too far").make();
    Party[] deep = new Party[7];
    for (int i = deep.length - 1; i >= 0; i--) {
      deep[i] = Forge.between(i == deep.length - 1 ? CA : deep[i + 1], "deep " + i).make();
    }
    return List.of(
        bad(Cause.UNTRUSTED, "missing intermediate", leaf(between)),
        bad(Cause.UNTRUSTED, "intermediate without CA:TRUE", leaf(plain), plain),
        bad(Cause.EXPIRED, "expired intermediate", leaf(old), old),
        bad(Cause.PURPOSE, "intermediate for clients", leaf(clients), clients),
        bad(Cause.WEAK, "intermediate of RSA-1024", leaf(shortRsa), shortRsa),
        bad(Cause.UNTRUSTED, "excluded name", leaf(without), without),
        bad(Cause.UNTRUSTED, "path length violated", leaf(tooFar), tooFar, last),
        bad(Cause.CHAIN_LENGTH, "chain of 8 and the CA", leaf(deep[0]), deep));
  }

  private static List<Row> otherNames() {
    return List.of(
        other("b.example", "another name", leaf()),
        other("example", "a name below", leaf()),
        other("x.a.example", "a name above", leaf()),
        other("a.example.org", "a beginning", leaf()),
        other("xa.example", "an end", leaf()),
        other("a.b.example", "wildcard of one label", dns("*.example")),
        other("example", "wildcard below it", dns("*.example")),
        other("ab.example", "partial wildcard in front", dns("*b.example")),
        other("ab.example", "partial wildcard behind", dns("a*.example")),
        other("a.b.example", "wildcard in the middle", dns("a.*.example")),
        other("a.b.example", "two wildcards", dns("*.*.example")),
        other("localhost", "wildcard alone", dns("*")),
        other("localhost", "wildcard with a dot", dns("*.")),
        other("a.example", "name with a dot at its end", dns("a.example.")),
        other("a.example", "name with NUL", dns("a.example\0.b")),
        other("xn--bcher-kva.example", "IDN of another", dns("xn--bcher-kvb.example")),
        other("xn--bcher-kva.example", "IDN that is not in ASCII", dns("bücher.example")),
        other("127.0.0.1", "another address", ip("127.0.0.2", "::1")),
        other("::1", "another address of six", ip("127.0.0.1", "::2")),
        other("127.0.0.1", "address in six", ip("::ffff:7f00:1")),
        other("127.0.0.1", "address as a DNS name", dns("127.0.0.1")),
        other("127.0.0.1", "wildcard over an address", dns("*.0.0.1")),
        other("127.0.0.1", "no address at all", dns("localhost")));
  }

  private static List<Row> noNames() {
    Forge commonName = Forge.of(CA, NAME).purposes(KeyPurposeId.id_kp_serverAuth);
    Forge commonAddress = Forge.of(CA, "127.0.0.1");
    return List.of(
        other(NAME, "common name alone", commonName),
        other(
            NAME,
            "common name beside an address",
            Forge.of(CA, NAME).names(GeneralName.iPAddress, "127.0.0.1")),
        other(NAME, "common name beside a mail", commonName.names(GeneralName.rfc822Name, "a@b")),
        row("127.0.0.1", Cause.UNTRUSTED, "address as common name", commonAddress),
        other(NAME, "URI", leaf().names(GeneralName.uniformResourceIdentifier, NAME)),
        other(NAME, "no name", leaf().without(Extension.subjectAlternativeName)));
  }

  static List<Row> good() {
    Party between = Forge.between(CA, "between").make();
    Party last = Forge.between(between, "last").authority(true, 0).make();
    Party only =
        Forge.between(CA, "only")
            .permitting(new GeneralName(GeneralName.dNSName, "example"))
            .make();
    return List.of(
        good(NAME, "its name", leaf()),
        good("A.eXample", "other case", leaf()),
        good("a.example.", "absolute name", leaf()),
        good(NAME, "one of its names", dns("b.example", "c.example", "A.EXAMPLE")),
        good(NAME, "wildcard", dns("*.example")),
        good("a.b.example", "wildcard two levels down", dns("*.b.example")),
        good("xn--bcher-kva.example", "IDN", dns("xn--bcher-kva.example")),
        good("xn--bcher-kva.example", "wildcard over IDN", dns("*.example")),
        good("_a-b.example", "odd characters", dns("_a-b.example")),
        good("localhost", "one label", dns("localhost")),
        good("127.0.0.1", "address", ip("10.0.0.1", "127.0.0.1")),
        good("::1", "address of six", ip("127.0.0.1", "::1")),
        good("2001:db8::1", "long address of six", ip("2001:db8:0:0:0:0:0:1")),
        good(NAME, "no purpose", Forge.of(CA, "x").dnsNames(NAME)),
        good(NAME, "encipherment too", leaf().usage(KeyUsage.digitalSignature | 32)),
        good(NAME, "RSA-2048", leaf().keys(Forge.keys("RSA", 2048))),
        good(NAME, "two between", leaf(last), last, between),
        good(NAME, "permitted name", leaf(only), only));
  }

  @BeforeAll
  static void open() throws Exception {
    client = Loopback.client(builder -> builder);
    client.listen(event -> {
      if (event instanceof EndpointEvent.HandshakeFailed failed) {
        TOLD.add(failed);
      }
    });
  }

  @AfterAll
  static void close() throws Exception {
    client.close();
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

  // r[verify security.1.12]
  @ParameterizedTest
  @MethodSource("bad")
  void badServerIsNotBelievedAndGetsNoConnection(Row row) throws Exception {
    TOLD.clear();
    try (QuicServer server = open(row)) {
      long start = System.nanoTime();
      ConnectionException e =
          catchThrowableOfType(
              ConnectionException.class,
              () -> client.connect(server.localAddress(), row.name, Loopback.SOON));
      TIMES.add(Duration.ofNanos(System.nanoTime() - start));
      assertThat(e).as("it is believed").isNotNull();
      assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.PEER_NOT_TRUSTED);
      assertThat(e.initiator()).isEqualTo(Initiator.LOCAL);
      assertThat(e).hasMessageContaining("connect to " + row.name + " at");
      assertThat(e).hasMessageContaining("this side refused the peer: ");

      EndpointEvent.HandshakeFailed told = TOLD.poll(10, TimeUnit.SECONDS);
      assertThat(told.cause()).as(e.getMessage()).contains(row.cause);
      assertThat(told.peer()).isEqualTo(server.localAddress());
      assertThat(
              catchThrowableOfType(
                      ConnectionException.class, () -> server.accept(Duration.ofMillis(1)))
                  .kind())
          .isEqualTo(Kind.DEADLINE);
      assertThat(server.statistics().established()).isZero();
    }
  }

  // r[verify security.1.12]
  @ParameterizedTest
  @MethodSource("good")
  void goodServerIsBelieved(Row row) throws Exception {
    try (QuicServer server = open(row);
        QuicConnection connection = client.connect(server.localAddress(), row.name, Loopback.SOON);
        QuicConnection accepted = server.accept(Loopback.SOON)) {
      assertThat(connection.peerCertificates()).startsWith(row.identity.chain().getFirst());
      String asked = row.name.endsWith(".") ? NAME : row.name;
      assertThat(accepted.tls().serverName()).isEqualToIgnoringCase(asked);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "bücher.example", "a b", "a\0b", "a/b"})
  void nameThatTlsCannotCarryIsTheCallersMistake(String name) throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder)) {
      assertThatThrownBy(() -> client.connect(server.localAddress(), name, Loopback.SOON))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("server_name must have from 1 to 253 characters");
    }
  }

  private static QuicServer open(Row row) throws Exception {
    return QuicServer.builder()
        .identity(row.identity)
        .trust(CA.trust())
        .settings(Impostor.LENIENT)
        .open();
  }
}
