package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.cert.ocsp.jcajce.JcaBasicOCSPRespBuilder;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.TestPki.Party;

/** What servers staple, and clients that ask for it. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class OcspTest {
  private static final Party SHOP = TestPki.server(TestPki.CA, "shop.example", TestPki.tomorrow());
  private static final CertificateStatus GOOD = CertificateStatus.GOOD;

  private static CertificateStatus revoked() {
    return new RevokedStatus(Date.from(Instant.now()), CRLReason.keyCompromise);
  }

  /** What is wrong with a response. */
  enum Bad {
    REVOKED,
    UNKNOWN,
    OVER,
    FOR_ANOTHER,
    OF_A_STRANGER,
    GARBAGE;

    byte[] response() {
      Instant later = TestPki.tomorrow();
      return switch (this) {
        case REVOKED -> of(TestPki.CA, TestPki.SERVER, revoked(), later);
        case UNKNOWN -> of(TestPki.CA, TestPki.SERVER, new UnknownStatus(), later);
        case OVER -> of(TestPki.CA, TestPki.SERVER, GOOD, Instant.now().minusSeconds(60));
        case FOR_ANOTHER -> of(TestPki.CA, SHOP, GOOD, later);
        case OF_A_STRANGER -> of(TestPki.OTHER_CA, TestPki.SERVER, GOOD, later);
        case GARBAGE -> "no response".getBytes(StandardCharsets.US_ASCII);
      };
    }
  }

  /** A response that {@code signer} signs, of the certificate of {@code party}. */
  private static byte[] of(Party signer, Party party, CertificateStatus status, Instant until) {
    try {
      DigestCalculator sha1 =
          new JcaDigestCalculatorProviderBuilder().build().get(CertificateID.HASH_SHA1);
      BasicOCSPRespBuilder builder =
          new JcaBasicOCSPRespBuilder(signer.keys().getPublic(), sha1)
              .addResponse(
                  new CertificateID(
                      sha1,
                      new JcaX509CertificateHolder(TestPki.CA.certificate()),
                      party.certificate().getSerialNumber()),
                  status,
                  Date.from(until.minus(Duration.ofDays(2))),
                  Date.from(until),
                  null);
      return new OCSPRespBuilder()
          .build(
              OCSPRespBuilder.SUCCESSFUL,
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(signer.keys().getPrivate()),
                  null,
                  Date.from(Instant.now())))
          .getEncoded();
    } catch (GeneralSecurityException | OperatorCreationException | OCSPException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private static TlsIdentity stapled(Party party, CertificateStatus status) {
    return party.identity().withOcspResponse(of(TestPki.CA, party, status, TestPki.tomorrow()));
  }

  private static void assertRefused(QuicClient client, QuicServer server, String name) {
    ConnectionException e =
        catchThrowableOfType(
            ConnectionException.class,
            () -> client.connect(server.localAddress(), name, Loopback.SOON));
    assertThat(e).isNotNull();
    assertThat(e.kind()).isEqualTo(Kind.PEER_NOT_TRUSTED);
  }

  @ParameterizedTest
  @EnumSource
  void responseThatIsNotGoodRefusesTheServerForThoseWhoAsk(Bad bad) throws Exception {
    TlsIdentity identity = TestPki.SERVER.identity().withOcspResponse(bad.response());
    try (QuicServer server = Loopback.server(b -> b.identity(identity));
        QuicClient asking = Loopback.client(b -> b.judgeOcspResponses());
        QuicClient silent = Loopback.client(builder -> builder)) {
      assertRefused(asking, server, "localhost");
      Loopback.connect(silent, server).close();
    }
  }

  @Test
  void serverWithAGoodResponseOrNoneIsLetIn() throws Exception {
    try (QuicServer good = Loopback.server(b -> b.identity(stapled(TestPki.SERVER, GOOD)));
        QuicServer none = Loopback.server(builder -> builder);
        QuicClient asking = Loopback.client(b -> b.judgeOcspResponses())) {
      Loopback.connect(asking, good).close();
      Loopback.connect(asking, none).close();
    }
  }

  @Test
  void eachIdentityHasItsOwnResponse() throws Exception {
    for (boolean shopIsRevoked : new boolean[] {false, true}) {
      TlsIdentity first = stapled(TestPki.SERVER, shopIsRevoked ? GOOD : revoked());
      TlsIdentity second = stapled(SHOP, shopIsRevoked ? revoked() : GOOD);
      try (QuicServer server = Loopback.server(b -> b.identity(first, second));
          QuicClient asking = Loopback.client(b -> b.judgeOcspResponses())) {
        String good = shopIsRevoked ? "localhost" : "shop.example";
        asking.connect(server.localAddress(), good, Loopback.SOON).close();
        assertRefused(asking, server, shopIsRevoked ? "shop.example" : "localhost");
      }
    }
  }

  @Test
  void newResponseComesByReload() throws Exception {
    try (QuicServer server = Loopback.server(b -> b.identity(stapled(TestPki.SERVER, GOOD)));
        QuicClient asking = Loopback.client(b -> b.judgeOcspResponses())) {
      Loopback.connect(asking, server).close();
      server.reload(TlsReload.of().identity(stapled(TestPki.SERVER, revoked())));
      assertRefused(asking, server, "localhost");
    }
  }
}
