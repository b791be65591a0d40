package rs.jetstream.quic;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import rs.jetstream.quic.JetStreamException.Kind;

/** Keeps certificates that are made for tests from serving other machines. */
final class TestCertificates {
  private static final String MARK = "TEST ONLY";

  private TestCertificates() {}

  /** Whether one of them says in its subject or issuer that it is for tests. */
  // r[impl security.1.8]
  static boolean isAmong(List<X509Certificate> certificates) {
    return certificates.stream().anyMatch(it -> says(it.getSubjectX500Principal().getName()))
        || certificates.stream().anyMatch(it -> says(it.getIssuerX500Principal().getName()));
  }

  private static boolean says(String name) {
    return name.toUpperCase(Locale.ROOT).contains(MARK);
  }

  /** Refuses them, own or trusted, where other machines can reach {@code address}. */
  // r[impl security.1.10]
  static void requireNone(TlsOptions tls, InetSocketAddress address, String about)
      throws ConfigurationException {
    if (address.getAddress().isLoopbackAddress()) {
      return;
    }
    for (TlsIdentity identity : tls.identities()) {
      if (isAmong(identity.chain())) {
        throw refused(about, "its certificate");
      }
    }
    TlsTrust trust = tls.trust();
    if (trust != null && trust.isTestOnly()) {
      throw refused(about, "an issuer that it trusts");
    }
  }

  private static ConfigurationException refused(String about, String what) {
    return new ConfigurationException(
        about
            + " failed: "
            + what
            + " says "
            + MARK
            + ", and other machines can reach this address: use certificates for production, or"
            + " the loopback address, or dangerouslyAllowTestCertificate()",
        Kind.TEST_CERTIFICATE);
  }
}
