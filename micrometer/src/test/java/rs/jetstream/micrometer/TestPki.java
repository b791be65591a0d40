package rs.jetstream.micrometer;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import rs.jetstream.quic.ConfigurationException;
import rs.jetstream.quic.TlsIdentity;
import rs.jetstream.quic.TlsTrust;

/** Certificates for tests, made once per JVM. */
final class TestPki {
  /** A key with its certificate. */
  record Party(KeyPair keys, X509Certificate certificate) {
    TlsIdentity identity() {
      try {
        return TlsIdentity.of(keys.getPrivate(), List.of(certificate));
      } catch (ConfigurationException e) {
        throw new AssertionError(e);
      }
    }

    TlsTrust trust() {
      try {
        return TlsTrust.ofCertificates(List.of(certificate));
      } catch (ConfigurationException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static final AtomicLong SERIAL = new AtomicLong();
  static final Party CA = make(null, "TEST ONLY CA");
  static final Party SERVER =
      make(
          CA,
          "server",
          new GeneralName(GeneralName.dNSName, "localhost"),
          new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
          new GeneralName(GeneralName.iPAddress, "::1"));
  static final Party CLIENT = make(CA, "client");

  private TestPki() {}

  private static Party make(Party issuer, String name, GeneralName... names) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair keys = generator.generateKeyPair();
      X500Name subject =
          new X500Name("O=TEST ONLY,CN=" + name.replace(",", "\\,").replace("\"", "\\\""));
      X500Name issuerName =
          issuer == null
              ? subject
              : X500Name.getInstance(issuer.certificate.getSubjectX500Principal().getEncoded());
      Instant now = Instant.now();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuerName,
              BigInteger.valueOf(SERIAL.incrementAndGet()),
              Date.from(now.minus(Duration.ofDays(1))),
              Date.from(now.plus(Duration.ofDays(1))),
              subject,
              keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(issuer == null));
      if (names.length > 0) {
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
      }
      KeyPair signer = issuer == null ? keys : issuer.keys;
      return new Party(
          keys,
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(
                      new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()))));
    } catch (GeneralSecurityException | CertIOException | OperatorCreationException e) {
      throw new AssertionError(e);
    }
  }
}
