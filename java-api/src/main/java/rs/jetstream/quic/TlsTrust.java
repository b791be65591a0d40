package rs.jetstream.quic;

import java.nio.file.Path;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import rs.jetstream.quic.JetStreamException.Kind;

/**
 * Whom this side believes: the issuers that a peer's certificate must come from.
 *
 * <p>Immutable; any thread. There is no "trust all".
 */
// r[impl security.1.12]
public final class TlsTrust {
  private final byte[] pem;
  private final boolean system;
  private final boolean testOnly;
  private final String source;

  private TlsTrust(byte[] pem, boolean system, boolean testOnly, String source) {
    this.pem = pem;
    this.system = system;
    this.testOnly = testOnly;
    this.source = source;
  }

  /**
   * Reads certificates of issuers from PEM files.
   *
   * @throws ConfigurationException naming the file and what is wrong with it
   */
  public static TlsTrust ofPemFile(Path file) throws ConfigurationException {
    return of(
        Certificates.parsePem(
            PemFiles.read(file, "trusted certificate"),
            "trusted certificate",
            file,
            Kind.BAD_TRUST),
        file.toString());
  }

  /**
   * Takes certificates of issuers as PEM.
   *
   * @throws ConfigurationException saying what is wrong with them
   */
  public static TlsTrust ofPem(byte[] pem) throws ConfigurationException {
    return of(
        Certificates.parsePem(pem, "trusted certificate", "in memory", Kind.BAD_TRUST),
        "in memory");
  }

  /**
   * Takes certificates of issuers.
   *
   * @throws ConfigurationException when there are none
   */
  public static TlsTrust ofCertificates(Collection<X509Certificate> issuers)
      throws ConfigurationException {
    return of(List.copyOf(issuers), "in memory");
  }

  /**
   * Takes all trusted certificates of a key store, whatever its type.
   *
   * @throws ConfigurationException when there are none
   */
  public static TlsTrust ofKeyStore(KeyStore store) throws ConfigurationException {
    List<X509Certificate> issuers = new ArrayList<>();
    try {
      for (String alias : Collections.list(store.aliases())) {
        if (store.isCertificateEntry(alias)
            && store.getCertificate(alias) instanceof X509Certificate issuer) {
          issuers.add(issuer);
        }
      }
    } catch (KeyStoreException e) {
      throw PemFiles.failed(
          "trusted certificates",
          "of a key store",
          "are not loaded: " + e.getMessage(),
          Kind.BAD_TRUST);
    }
    return of(issuers, "a key store");
  }

  /** Trusts the certificate authorities of the operating system. */
  public static TlsTrust system() {
    return new TlsTrust(new byte[0], true, false, "the operating system");
  }

  private static TlsTrust of(List<X509Certificate> issuers, String source)
      throws ConfigurationException {
    if (issuers.isEmpty()) {
      throw PemFiles.failed("trusted certificate", source, "is not there", Kind.BAD_TRUST);
    }
    return new TlsTrust(
        Certificates.toPem(issuers), false, TestCertificates.isAmong(issuers), source);
  }

  byte[] pem() {
    return pem;
  }

  boolean isSystem() {
    return system;
  }

  /** Where it came from, for messages. */
  String source() {
    return source;
  }

  boolean isTestOnly() {
    return testOnly;
  }

  @Override
  public String toString() {
    return "TlsTrust[" + source + "]";
  }
}
