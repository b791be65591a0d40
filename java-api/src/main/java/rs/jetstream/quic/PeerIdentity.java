package rs.jetstream.quic;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Who a peer is, by the certificate that it proved to have the key of.
 *
 * <p>The chain was verified up to a trusted issuer: what a name in it means is for the program to
 * decide. Texts are what the issuer wrote, and are not escaped.
 *
 * @param chain leaf first, up to the trusted issuer
 * @param subject the leaf's subject, as RFC 2253 writes it
 * @param dnsNames the leaf's alternative names that are host names
 * @param ipAddresses the leaf's alternative names that are addresses, in text
 * @param uris the leaf's alternative names that are URIs, as SPIFFE ids are
 * @param emails the leaf's alternative names that are mail addresses
 * @param fingerprint SHA-256 of the leaf's encoding, 64 hexadecimal digits in lower case
 */
// r[impl security.1.17]
public record PeerIdentity(
    List<X509Certificate> chain,
    String subject,
    List<String> dnsNames,
    List<String> ipAddresses,
    List<String> uris,
    List<String> emails,
    String fingerprint) {

  // RFC 5280 section 4.2.1.6, as X509Certificate numbers them.
  private static final int EMAIL = 1;
  private static final int DNS = 2;
  private static final int URI = 6;
  private static final int IP = 7;

  /** Copies the lists. */
  public PeerIdentity {
    chain = List.copyOf(chain);
    dnsNames = List.copyOf(dnsNames);
    ipAddresses = List.copyOf(ipAddresses);
    uris = List.copyOf(uris);
    emails = List.copyOf(emails);
  }

  /**
   * The identity that a chain tells.
   *
   * @param chain leaf first, not empty
   */
  public static PeerIdentity of(List<X509Certificate> chain) {
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("chain is empty: nobody showed a certificate");
    }
    X509Certificate leaf = chain.getFirst();
    List<String> dnsNames = new ArrayList<>();
    List<String> addresses = new ArrayList<>();
    List<String> uris = new ArrayList<>();
    List<String> emails = new ArrayList<>();
    for (List<?> name : alternativeNames(leaf)) {
      if (name.get(0) instanceof Integer kind && name.get(1) instanceof String text) {
        switch (kind) {
          case EMAIL -> emails.add(text);
          case DNS -> dnsNames.add(text);
          case URI -> uris.add(text);
          case IP -> addresses.add(text);
          default -> {}
        }
      }
    }
    return new PeerIdentity(
        chain,
        leaf.getSubjectX500Principal().getName(),
        dnsNames,
        addresses,
        uris,
        emails,
        fingerprint(leaf));
  }

  /** The common name of the leaf's subject, if it has one. */
  public Optional<String> commonName() {
    LdapName name;
    try {
      name = new LdapName(subject);
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
    for (Rdn part : name.getRdns()) {
      if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String text) {
        return Optional.of(text);
      }
    }
    return Optional.empty();
  }

  /** For people: the common name, escaped, else the fingerprint. */
  public String displayName() {
    return Failures.printable(commonName().orElse(fingerprint));
  }

  private static Collection<List<?>> alternativeNames(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null ? List.of() : names;
    } catch (CertificateParsingException e) {
      // Names that cannot be read name nobody.
      return List.of();
    }
  }

  /** SHA-256 of a certificate's encoding, 64 hexadecimal digits in lower case. */
  public static String fingerprint(X509Certificate certificate) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("each JDK has SHA-256", e);
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("the certificate has no encoding: " + e.getMessage(), e);
    }
  }

  /**
   * Whether one of the alternative names, of any kind, is {@code name}; host names without case.
   */
  public boolean hasName(String name) {
    return dnsNames.stream().anyMatch(name::equalsIgnoreCase)
        || ipAddresses.contains(name)
        || uris.contains(name)
        || emails.contains(name);
  }

  /** Subject and fingerprint. */
  @Override
  public String toString() {
    return "PeerIdentity[" + Failures.printable(subject) + ", SHA-256 " + fingerprint + "]";
  }
}
