package rs.jetstream.quic;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/** Certificates for tests, made at run time: good ones once per JVM, bad ones on demand. */
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

    byte[] certificatePem() {
      try {
        return Certificates.toPem(List.of(certificate));
      } catch (ConfigurationException e) {
        throw new AssertionError(e);
      }
    }

    byte[] keyPem() {
      return Certificates.toPem("PRIVATE" + " KEY", keys.getPrivate().getEncoded());
    }
  }

  static final Party CA = authority("TEST ONLY CA");
  static final Party OTHER_CA = authority("TEST ONLY other CA");
  static final Party SERVER = server(CA, "localhost", tomorrow());
  static final Party CLIENT = client(CA, "client", tomorrow());
  static final Party STRANGER = client(OTHER_CA, "stranger", tomorrow());

  private TestPki() {}

  static Instant tomorrow() {
    return Instant.now().plus(Duration.ofDays(1));
  }

  static Party authority(String name) {
    return make(null, name, tomorrow(), null, null);
  }

  static Party server(Party issuer, String host, Instant until) {
    return make(issuer, host, until, KeyPurposeId.id_kp_serverAuth, names(host));
  }

  /** A server of {@code localhost} with keys of the caller's. */
  static Party server(KeyPair keys) {
    return Forge.of(CA, "localhost")
        .keys(keys)
        .purposes(KeyPurposeId.id_kp_serverAuth)
        .names(names("localhost").getNames())
        .make();
  }

  private static GeneralNames names(String host) {
    GeneralName[] names = {
      new GeneralName(GeneralName.dNSName, host),
      new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
      new GeneralName(GeneralName.iPAddress, "::1")
    };
    return new GeneralNames(names);
  }

  static Party client(Party issuer, String name, Instant until) {
    return make(issuer, name, until, KeyPurposeId.id_kp_clientAuth, null);
  }

  /** A client with keys of the caller's. */
  static Party client(KeyPair keys) {
    return Forge.of(CA, "client").keys(keys).purposes(KeyPurposeId.id_kp_clientAuth).make();
  }

  /** A client whose certificate has alternative names. */
  static Party client(Party issuer, String name, GeneralName... names) {
    return make(issuer, name, tomorrow(), KeyPurposeId.id_kp_clientAuth, new GeneralNames(names));
  }

  /** Without the mark of tests: an authority, or a server of {@code issuer}. */
  static Party plain(Party issuer, String name) {
    KeyPurposeId purpose = issuer == null ? null : KeyPurposeId.id_kp_serverAuth;
    return make(issuer, new X500Name("CN=" + name), tomorrow(), purpose, null);
  }

  private static Party make(
      Party issuer, String name, Instant until, KeyPurposeId purpose, GeneralNames names) {
    return make(issuer, marked(name), until, purpose, names);
  }

  private static X500Name marked(String name) {
    return new X500Name("CN=" + name + ", O=TEST ONLY");
  }

  private static Party make(
      Party issuer, X500Name subject, Instant until, KeyPurposeId purpose, GeneralNames names) {
    Forge forge = Forge.of(issuer, subject).from(until.minus(Duration.ofDays(2))).until(until);
    if (issuer == null) {
      forge.authority(true, null).usage(KeyUsage.keyCertSign);
    }
    if (purpose != null) {
      forge.purposes(purpose);
    }
    if (names != null) {
      forge.names(names.getNames());
    }
    return forge.make();
  }
}
