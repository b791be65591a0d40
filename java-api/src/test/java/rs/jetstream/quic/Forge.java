package rs.jetstream.quic;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import rs.jetstream.quic.TestPki.Party;

/** Makes one certificate, with anything wrong in it that a test wants; nothing is unless told. */
final class Forge {
  private static final AtomicLong SERIAL = new AtomicLong();

  private final Party issuer;
  private final Map<ASN1ObjectIdentifier, ASN1Encodable> extensions = new LinkedHashMap<>();
  private X500Name subject;
  private Instant from = Instant.now().minus(Duration.ofDays(1));
  private Instant until = TestPki.tomorrow();
  private KeyPair keys = keys("EC", 256);
  private PrivateKey signer;
  private String signature;
  private ASN1ObjectIdentifier unknown;

  private Forge(Party issuer, X500Name subject) {
    this.issuer = issuer;
    this.subject = subject;
    authority(false, null);
    usage(KeyUsage.digitalSignature);
  }

  /** Of {@code issuer}, or signed by itself when that is null. */
  static Forge of(Party issuer, X500Name subject) {
    return new Forge(issuer, subject);
  }

  static Forge of(Party issuer, String commonName) {
    return of(issuer, new X500Name("CN=" + commonName + ", O=TEST ONLY"));
  }

  /** An authority between {@code issuer} and others. */
  static Forge between(Party issuer, String commonName) {
    return of(issuer, commonName).authority(true, null).usage(KeyUsage.keyCertSign);
  }

  static KeyPair keys(String algorithm, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (algorithm.equals("EC")) {
        generator.initialize(new ECGenParameterSpec("secp" + bits + "r1"));
      } else {
        generator.initialize(bits);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  Forge from(Instant from) {
    this.from = from;
    return this;
  }

  Forge until(Instant until) {
    this.until = until;
    return this;
  }

  Forge keys(KeyPair keys) {
    this.keys = keys;
    return this;
  }

  /** Signed by this key, whoever the issuer is said to be. */
  Forge signer(PrivateKey signer) {
    this.signer = signer;
    return this;
  }

  /** The algorithm of the signature, by the JDK's name. */
  Forge signature(String signature) {
    this.signature = signature;
    return this;
  }

  Forge authority(boolean authority, Integer pathLength) {
    return extension(
        Extension.basicConstraints,
        pathLength == null ? new BasicConstraints(authority) : new BasicConstraints(pathLength));
  }

  Forge usage(int usage) {
    return extension(Extension.keyUsage, new KeyUsage(usage));
  }

  Forge purposes(KeyPurposeId... purposes) {
    return extension(Extension.extendedKeyUsage, new ExtendedKeyUsage(purposes));
  }

  Forge names(GeneralName... names) {
    return extension(Extension.subjectAlternativeName, new GeneralNames(names));
  }

  Forge names(int kind, String... names) {
    return names(
        List.of(names).stream()
            .map(name -> new GeneralName(kind, name))
            .toArray(GeneralName[]::new));
  }

  Forge dnsNames(String... names) {
    return names(GeneralName.dNSName, names);
  }

  Forge permitting(GeneralName name) {
    GeneralSubtree[] trees = {new GeneralSubtree(name)};
    return extension(Extension.nameConstraints, new NameConstraints(trees, null));
  }

  Forge excluding(GeneralName name) {
    GeneralSubtree[] trees = {new GeneralSubtree(name)};
    return extension(Extension.nameConstraints, new NameConstraints(null, trees));
  }

  /** With an extension that nobody knows. */
  Forge unknownCritical() {
    unknown = new ASN1ObjectIdentifier("1.3.6.1.4.1.55555.1");
    return extension(unknown, org.bouncycastle.asn1.DERNull.INSTANCE);
  }

  Forge without(ASN1ObjectIdentifier extension) {
    extensions.remove(extension);
    return this;
  }

  private Forge extension(ASN1ObjectIdentifier id, ASN1Encodable value) {
    extensions.put(id, value);
    return this;
  }

  Party make() {
    X500Name issuerName =
        issuer == null
            ? subject
            : X500Name.getInstance(issuer.certificate().getSubjectX500Principal().getEncoded());
    PrivateKey key =
        signer != null ? signer : issuer == null ? keys.getPrivate() : issuer.keys().getPrivate();
    String algorithm = "SHA256with" + (key.getAlgorithm().equals("EC") ? "ECDSA" : "RSA");
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuerName,
              BigInteger.valueOf(SERIAL.incrementAndGet()),
              Date.from(from),
              Date.from(until),
              subject,
              keys.getPublic());
      for (var extension : extensions.entrySet()) {
        ASN1ObjectIdentifier id = extension.getKey();
        builder.addExtension(id, isCritical(id), extension.getValue());
      }
      JcaContentSignerBuilder signing =
          new JcaContentSignerBuilder(signature == null ? algorithm : signature);
      X509Certificate certificate =
          new JcaX509CertificateConverter().getCertificate(builder.build(signing.build(key)));
      return new Party(keys, certificate);
    } catch (GeneralSecurityException | CertIOException | OperatorCreationException e) {
      throw new AssertionError(e);
    }
  }

  private boolean isCritical(ASN1ObjectIdentifier id) {
    return id.equals(Extension.basicConstraints)
        || id.equals(Extension.keyUsage)
        || id.equals(Extension.nameConstraints)
        || id.equals(unknown);
  }
}
