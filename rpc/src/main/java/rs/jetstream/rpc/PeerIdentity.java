package rs.jetstream.rpc;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
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
 * Who the peer is, by the leaf of the certificates that TLS has verified.
 *
 * @param fingerprint SHA-256 of the certificate, in lower-case hexadecimal
 * @param commonName the subject's common name, if it has one
 * @param dnsNames alternative names that are DNS names
 * @param ipAddresses alternative names that are addresses, as text
 * @param emails alternative names that are mail addresses
 * @param uris alternative names that are URIs, such as SPIFFE ids
 * @param certificates the chain, leaf first
 */
public record PeerIdentity(
    String fingerprint,
    Optional<String> commonName,
    List<String> dnsNames,
    List<String> ipAddresses,
    List<String> emails,
    List<String> uris,
    List<X509Certificate> certificates) {
  private static final int EMAIL = 1;
  private static final int DNS = 2;
  private static final int URI = 6;
  private static final int IP = 7;

  /** Copies the lists. */
  public PeerIdentity {
    dnsNames = List.copyOf(dnsNames);
    ipAddresses = List.copyOf(ipAddresses);
    emails = List.copyOf(emails);
    uris = List.copyOf(uris);
    certificates = List.copyOf(certificates);
  }

  /** Whom {@code certificates}, leaf first, belong to; empty when there are none. */
  public static Optional<PeerIdentity> of(List<X509Certificate> certificates) {
    if (certificates.isEmpty()) {
      return Optional.empty();
    }
    X509Certificate leaf = certificates.getFirst();
    Collection<List<?>> names;
    String fingerprint;
    try {
      names = leaf.getSubjectAlternativeNames();
      fingerprint =
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded()));
    } catch (CertificateParsingException e) {
      // Names that cannot be read name nobody.
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 of a certificate", e);
    }
    return Optional.of(
        new PeerIdentity(
            fingerprint,
            commonName(leaf),
            ofKind(names, DNS),
            ofKind(names, IP),
            ofKind(names, EMAIL),
            ofKind(names, URI),
            certificates));
  }

  private static List<String> ofKind(Collection<List<?>> names, int kind) {
    List<String> found = new ArrayList<>();
    if (names != null) {
      for (List<?> name : names) {
        if (name.get(0).equals(kind) && name.get(1) instanceof String text) {
          found.add(text);
        }
      }
    }
    return found;
  }

  private static Optional<String> commonName(X509Certificate certificate) {
    LdapName subject;
    try {
      subject = new LdapName(certificate.getSubjectX500Principal().getName());
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
    for (Rdn part : subject.getRdns()) {
      if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String text) {
        return Optional.of(text);
      }
    }
    return Optional.empty();
  }

  /** The common name, else the fingerprint. */
  @Override
  public String toString() {
    return Text.printable(commonName.orElse(fingerprint));
  }
}
