package rs.jetstream.quic;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import rs.jetstream.quic.JetStreamException.Kind;

/** Certificates between PEM, DER and the JDK's own type; parsing is the JDK's. */
final class Certificates {
  private static final Pattern BLOCK =
      Pattern.compile(
          "-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([^-]*)-----END (?:X509 |TRUSTED"
              + " )?CERTIFICATE-----");

  private static final Base64.Encoder LINES =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private Certificates() {}

  /** Parses PEM, and says what it is instead when it is something else. */
  static List<X509Certificate> parsePem(byte[] pem, String what, Object where, Kind bad)
      throws ConfigurationException {
    if (PemFiles.contains(pem, "PRIVATE KEY-----")) {
      // Before a string is made of it, which nobody could wipe.
      String why =
          PemFiles.contains(pem, "CERTIFICATE-----")
              ? "holds a private key too: keep it in a file of its own"
              : "holds a private key, not a certificate: are the two swapped?";
      throw PemFiles.failed(what, where, why, bad);
    }
    String text = PemFiles.text(pem);
    if (text.isBlank()) {
      throw PemFiles.failed(what, where, "is empty", bad);
    }
    if (pem[0] == 0x30) {
      throw PemFiles.failed(
          what, where, "is DER, not PEM: convert it with openssl x509 -inform der", bad);
    }
    List<X509Certificate> certificates = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      certificates.add(parse(matcher.group(1), what, where, bad));
    }
    if (certificates.isEmpty()) {
      String why =
          text.contains("-----BEGIN CERTIFICATE-----")
              ? "is cut off: a certificate begins and does not end"
              : "holds no certificate in PEM";
      throw PemFiles.failed(what, where, why, bad);
    }
    int begun = text.split("-----BEGIN [A-Z0-9 ]*CERTIFICATE-----", -1).length - 1;
    if (begun != certificates.size()) {
      throw PemFiles.failed(
          what,
          where,
          "is damaged: it begins " + begun + " certificates and ends " + certificates.size(),
          bad);
    }
    return certificates;
  }

  private static X509Certificate parse(String base64, String what, Object where, Kind bad)
      throws ConfigurationException {
    try {
      byte[] der = Base64.getMimeDecoder().decode(base64);
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException | IllegalArgumentException e) {
      throw PemFiles.failed(what, where, "is damaged: " + e.getMessage(), bad);
    }
  }

  /** Refuses a certificate whose time is not now; a peer would refuse it too, and say less. */
  static void requireValidNow(X509Certificate certificate, Object where)
      throws ConfigurationException {
    String subject = certificate.getSubjectX500Principal().getName();
    try {
      certificate.checkValidity();
    } catch (CertificateExpiredException e) {
      throw PemFiles.failed(
          "certificate",
          where,
          "(" + subject + ") expired on " + certificate.getNotAfter().toInstant(),
          Kind.CERTIFICATE_NOT_VALID_NOW);
    } catch (CertificateNotYetValidException e) {
      throw PemFiles.failed(
          "certificate",
          where,
          "(" + subject + ") is not valid before " + certificate.getNotBefore().toInstant(),
          Kind.CERTIFICATE_NOT_VALID_NOW);
    }
  }

  static byte[] toPem(Collection<? extends X509Certificate> certificates)
      throws ConfigurationException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (X509Certificate certificate : certificates) {
      try {
        out.writeBytes(toPem("CERTIFICATE", certificate.getEncoded()));
      } catch (CertificateException e) {
        throw PemFiles.failed(
            "certificate",
            certificate.getSubjectX500Principal(),
            "has no encoding: " + e.getMessage(),
            Kind.BAD_CERTIFICATE);
      }
    }
    return out.toByteArray();
  }

  /**
   * One PEM block. What it is made from in between is bytes, which the caller can wipe, not
   * strings.
   */
  static byte[] toPem(String label, byte[] der) {
    byte[] base64 = LINES.encode(der);
    ByteArrayOutputStream out = new WipingOutputStream(base64.length + 80);
    out.writeBytes(("-----BEGIN " + label + "-----\n").getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(base64);
    out.writeBytes(("\n-----END " + label + "-----\n").getBytes(StandardCharsets.US_ASCII));
    byte[] pem = out.toByteArray();
    java.util.Arrays.fill(base64, (byte) 0);
    ((WipingOutputStream) out).wipe();
    return pem;
  }

  /** Parses certificates in DER, one after the other. */
  static List<X509Certificate> parseDer(byte[] der) {
    if (der.length == 0) {
      return List.of();
    }
    try {
      List<X509Certificate> certificates = new ArrayList<>();
      for (Object certificate :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(der))) {
        certificates.add((X509Certificate) certificate);
      }
      return List.copyOf(certificates);
    } catch (CertificateException e) {
      throw new IllegalStateException(
          "the JDK cannot read a certificate that s2n-tls accepted: " + e.getMessage(), e);
    }
  }

  private static final class WipingOutputStream extends ByteArrayOutputStream {
    WipingOutputStream(int size) {
      super(size);
    }

    void wipe() {
      java.util.Arrays.fill(buf, (byte) 0);
    }
  }
}
