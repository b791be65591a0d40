package rs.jetstream.cli;

import java.security.PublicKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Looks at the certificates of a server; that they are trusted and name it is known already. */
final class ChainExamination {
  private static final String SECTION = "Certificates";
  private static final String ABOUT = "certificate";
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  private static final String ANY_PURPOSE = "2.5.29.37.0";

  private final Diagnosis diagnosis;
  private final Instant now;
  private final boolean loopback;

  ChainExamination(Diagnosis diagnosis, Instant now, boolean loopback) {
    this.diagnosis = diagnosis;
    this.now = now;
    this.loopback = loopback;
  }

  void examine(List<X509Certificate> chain) throws CertificateParsingException {
    for (int i = 0; i < chain.size(); i++) {
      describe(i == 0 ? "leaf" : "issuer " + i, chain.get(i));
      examineStrength(chain.get(i));
    }
    if (!chain.isEmpty()) {
      examineLeaf(chain.getFirst());
      examineMark(chain);
    }
  }

  private void describe(String name, X509Certificate it) throws CertificateParsingException {
    diagnosis.fact(SECTION, name, it.getSubjectX500Principal().getName());
    diagnosis.fact(SECTION, name + " of", it.getIssuerX500Principal().getName());
    diagnosis.fact(SECTION, name + " serial", it.getSerialNumber().toString(16));
    diagnosis.fact(
        SECTION,
        name + " valid",
        it.getNotBefore().toInstant() + " to " + it.getNotAfter().toInstant());
    diagnosis.fact(
        SECTION, name + " key", key(it.getPublicKey()) + ", signed " + it.getSigAlgName());
    if (name.equals("leaf")) {
      diagnosis.fact(SECTION, "names", names(it));
    }
  }

  private static List<String> names(X509Certificate it) throws CertificateParsingException {
    List<String> names = new ArrayList<>();
    Collection<List<?>> all = it.getSubjectAlternativeNames();
    if (all != null) {
      for (List<?> name : all) {
        if (name.get(1) instanceof String text) {
          names.add(text);
        }
      }
    }
    return names;
  }

  private static String key(PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa -> "RSA " + rsa.getModulus().bitLength();
      case ECPublicKey ec -> "EC " + ec.getParams().getOrder().bitLength();
      default -> key.getAlgorithm();
    };
  }

  private void examineStrength(X509Certificate it) {
    String subject = it.getSubjectX500Principal().getName();
    switch (it.getPublicKey()) {
      case RSAPublicKey rsa when rsa.getModulus().bitLength() < 2048 ->
          diagnosis.weakness(
              ABOUT,
              subject + " has a key of RSA " + rsa.getModulus().bitLength(),
              "Use P-256, or RSA 3072.");
      case RSAPublicKey rsa when rsa.getModulus().bitLength() < 3072 ->
          diagnosis.warning(
              ABOUT,
              subject + " has a key of RSA " + rsa.getModulus().bitLength(),
              "Use P-256, or RSA 3072.");
      case ECPublicKey ec when ec.getParams().getOrder().bitLength() < 256 ->
          diagnosis.weakness(ABOUT, subject + " has a key of " + key(ec), "Use P-256.");
      default -> {}
    }
    String signature = it.getSigAlgName().toUpperCase(Locale.ROOT);
    if (signature.startsWith("SHA1") || signature.startsWith("MD")) {
      diagnosis.weakness(
          ABOUT,
          subject + " is signed by " + it.getSigAlgName(),
          "Have it signed by SHA-256 or better.");
    }
  }

  private void examineLeaf(X509Certificate it) throws CertificateParsingException {
    Duration left = Duration.between(now, it.getNotAfter().toInstant());
    String ends = "it ends in " + left.toDays() + " days, on " + it.getNotAfter().toInstant();
    if (left.toDays() < 1) {
      diagnosis.weakness(ABOUT, ends, "Rotate it now.");
    } else if (left.toDays() < 30 && !isShortLived(it)) {
      diagnosis.warning(ABOUT, ends, "Rotate it.");
    }
    Duration life = life(it);
    if (life.toDays() > 398) {
      diagnosis.warning(
          ABOUT,
          "it is valid for " + life.toDays() + " days",
          "Nobody checks revocation here: use a certificate that lives shortly.");
    }
    if (it.getBasicConstraints() >= 0) {
      diagnosis.weakness(
          ABOUT, "a server shows a certificate that can issue others", "Use one with CA:FALSE.");
    }
    List<String> purposes = it.getExtendedKeyUsage();
    if (purposes == null) {
      diagnosis.warning(ABOUT, "it is not bound to a purpose", "Use one with the EKU serverAuth.");
    } else if (!purposes.contains(SERVER_AUTH) || purposes.contains(ANY_PURPOSE)) {
      diagnosis.warning(
          ABOUT, "its purposes are not those of a server", "Use one with the EKU serverAuth.");
    }
    for (String name : names(it)) {
      if (name.startsWith("*.")) {
        diagnosis.warning(
            ABOUT, "it names " + name + ", so all hosts there", "Name the hosts that it is for.");
      }
    }
    if (it.getSubjectX500Principal().equals(it.getIssuerX500Principal())) {
      diagnosis.warning(
          ABOUT, "it has signed itself", "Use one of an authority, so that it can be rotated.");
    }
  }

  private void examineMark(List<X509Certificate> chain) {
    if (chain.stream().anyMatch(ChainExamination::isMarked)) {
      String what = "it says TEST ONLY";
      if (loopback) {
        diagnosis.note(ABOUT, what, "Good for tests on this machine alone.");
      } else {
        diagnosis.weakness(ABOUT, what, "Its key is no secret: use one for production.");
      }
    }
  }

  private static Duration life(X509Certificate it) {
    return Duration.between(it.getNotBefore().toInstant(), it.getNotAfter().toInstant());
  }

  /** One that is rotated every few days by a program has always little time left. */
  private boolean isShortLived(X509Certificate it) {
    return life(it).toDays() <= 31
        && Duration.between(now, it.getNotAfter().toInstant()).toSeconds() * 3
            > life(it).toSeconds();
  }

  private static boolean isMarked(X509Certificate it) {
    return (it.getSubjectX500Principal().getName() + it.getIssuerX500Principal().getName())
        .toUpperCase(Locale.ROOT)
        .contains("TEST ONLY");
  }
}
