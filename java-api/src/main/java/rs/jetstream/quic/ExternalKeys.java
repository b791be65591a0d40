package rs.jetstream.quic;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import rs.jetstream.quic.JetStreamException.Kind;

/** Signatures with keys that only their provider can use. */
final class ExternalKeys {
  // RFC 8446 section 4.2.3.
  private static final int ECDSA_SECP256R1_SHA256 = 0x0403;
  private static final int ECDSA_SECP384R1_SHA384 = 0x0503;
  private static final int ECDSA_SECP521R1_SHA512 = 0x0603;

  private ExternalKeys() {}

  /** Signs once and verifies with the certificate, before any handshake has to. */
  static void requireUsable(PrivateKey key, X509Certificate leaf) throws ConfigurationException {
    if (!"EC".equals(key.getAlgorithm())) {
      throw PemFiles.failed(
          "external key",
          "(" + key.getAlgorithm() + ")",
          "cannot be used: only EC keys can sign outside",
          Kind.BAD_PRIVATE_KEY);
    }
    boolean belongs;
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(new byte[] {1});
      byte[] signature = sign(key, ECDSA_SECP256R1_SHA256, digest);
      Signature verifier = Signature.getInstance("NONEwithECDSA");
      verifier.initVerify(leaf.getPublicKey());
      verifier.update(digest);
      belongs = verifier.verify(signature);
    } catch (InvalidKeyException e) {
      // The key can sign, or the message says that it cannot; the certificate has another kind.
      throw PemFiles.failed(
          "external key",
          "(EC)",
          "is not of the certificate: " + e.getMessage(),
          Kind.KEY_MISMATCH);
    } catch (GeneralSecurityException e) {
      throw PemFiles.failed(
          "external key", "(EC)", "cannot sign: " + e.getMessage(), Kind.BAD_PRIVATE_KEY);
    }
    if (!belongs) {
      throw PemFiles.failed(
          "external key", "(EC)", "does not belong to the certificate", Kind.KEY_MISMATCH);
    }
  }

  static byte[] sign(PrivateKey key, int scheme, byte[] digest) throws GeneralSecurityException {
    switch (scheme) {
      case ECDSA_SECP256R1_SHA256, ECDSA_SECP384R1_SHA384, ECDSA_SECP521R1_SHA512 -> {}
      default ->
          throw new NoSuchAlgorithmException(
              "no signature by scheme 0x" + Integer.toHexString(scheme));
    }
    // Hashed already: the provider signs the digest as it is. The provider is chosen by the key.
    Signature signer = Signature.getInstance("NONEwithECDSA");
    signer.initSign(key);
    signer.update(digest);
    return signer.sign();
  }
}
