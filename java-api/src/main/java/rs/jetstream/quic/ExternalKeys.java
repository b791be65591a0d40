package rs.jetstream.quic;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPublicKey;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;

/** Signatures with keys that only their provider can use. */
final class ExternalKeys {
  // RFC 8446 section 4.2.3.
  private static final int ECDSA_SECP256R1_SHA256 = 0x0403;
  private static final int ECDSA_SECP384R1_SHA384 = 0x0503;
  private static final int ECDSA_SECP521R1_SHA512 = 0x0603;
  private static final int RSA_PSS_RSAE_SHA256 = 0x0804;
  private static final int RSA_PSS_RSAE_SHA384 = 0x0805;
  private static final int RSA_PSS_RSAE_SHA512 = 0x0806;

  private ExternalKeys() {}

  /** Signs once and verifies with the certificate, before any handshake has to. */
  static void requireUsable(PrivateKey key, X509Certificate leaf) throws ConfigurationException {
    String algorithm = key.getAlgorithm();
    if (!"EC".equals(algorithm) && !"RSA".equals(algorithm)) {
      throw failed(key, "cannot be used: only EC and RSA keys can sign outside", null);
    }
    PublicKey of = leaf.getPublicKey();
    if (!algorithm.equals(of.getAlgorithm())) {
      throw mismatch(key, "is not of the certificate, whose key is " + of.getAlgorithm(), null);
    }
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(new byte[] {1});
      if (of instanceof RSAPublicKey rsa) {
        requireUsable(key, rsa);
        byte[] ignored = sign(key, of, RSA_PSS_RSAE_SHA256, digest);
      } else if (!verifies(of, digest, sign(key, of, ECDSA_SECP256R1_SHA256, digest))) {
        throw mismatch(key, "does not belong to the certificate", null);
      }
    } catch (RsaPss.WrongSignatureException e) {
      throw mismatch(key, "does not belong to the certificate: " + e.getMessage(), e);
    } catch (InvalidKeyException e) {
      throw failed(key, "cannot be used" + needed(key) + ": " + e.getMessage(), e);
    } catch (GeneralSecurityException | RuntimeException e) {
      // RuntimeException: ProviderException of PKCS#11, and whatever a key service throws.
      throw failed(key, "cannot sign: " + e.getMessage(), e);
    }
  }

  private static void requireUsable(PrivateKey key, RSAPublicKey of) throws ConfigurationException {
    int bits = of.getModulus().bitLength();
    if (bits < RsaPss.LEAST_BITS) {
      throw failed(
          key, "has " + bits + " bits: it must have " + RsaPss.LEAST_BITS + " at least", null);
    }
    // Where the device shows it. Raw RSA says only that its input is too long.
    if (key instanceof RSAKey shown && !shown.getModulus().equals(of.getModulus())) {
      throw mismatch(key, "does not belong to the certificate: it has another modulus", null);
    }
  }

  private static boolean verifies(PublicKey of, byte[] digest, byte[] signature)
      throws GeneralSecurityException {
    Signature verifier = Signature.getInstance("NONEwithECDSA");
    verifier.initVerify(of);
    verifier.update(digest);
    try {
      return verifier.verify(signature);
    } catch (SignatureException e) {
      // One with numbers that are too large for the certificate's curve.
      return false;
    }
  }

  /**
   * Signs a digest by a scheme of RFC 8446 section 4.2.3. The provider is chosen by the key.
   *
   * @throws RuntimeException of the provider, as PKCS#11's has for a token that is gone
   */
  static byte[] sign(PrivateKey key, PublicKey of, int scheme, byte[] digest)
      throws GeneralSecurityException {
    return switch (scheme) {
      case ECDSA_SECP256R1_SHA256, ECDSA_SECP384R1_SHA384, ECDSA_SECP521R1_SHA512 ->
          ecdsa(key, digest);
      case RSA_PSS_RSAE_SHA256 -> RsaPss.sign(key, (RSAPublicKey) of, "SHA-256", digest);
      case RSA_PSS_RSAE_SHA384 -> RsaPss.sign(key, (RSAPublicKey) of, "SHA-384", digest);
      case RSA_PSS_RSAE_SHA512 -> RsaPss.sign(key, (RSAPublicKey) of, "SHA-512", digest);
      default ->
          throw new NoSuchAlgorithmException(
              "no signature by scheme 0x" + Integer.toHexString(scheme));
    };
  }

  private static byte[] ecdsa(PrivateKey key, byte[] digest) throws GeneralSecurityException {
    // Hashed already: the provider signs the digest as it is.
    Signature signer = Signature.getInstance("NONEwithECDSA");
    signer.initSign(key);
    signer.update(digest);
    return signer.sign();
  }

  /** What a provider must have, for those that do not. */
  private static String needed(PrivateKey key) {
    return "RSA".equals(key.getAlgorithm())
        ? ", its provider must have the cipher " + RsaPss.RAW + " for private keys"
        : ", its provider must have the signature NONEwithECDSA";
  }

  private static ConfigurationException failed(
      PrivateKey key, String why, @Nullable Exception cause) {
    return failed(key, why, Kind.BAD_PRIVATE_KEY, cause);
  }

  private static ConfigurationException mismatch(
      PrivateKey key, String why, @Nullable Exception cause) {
    return failed(key, why, Kind.KEY_MISMATCH, cause);
  }

  private static ConfigurationException failed(
      PrivateKey key, String why, Kind kind, @Nullable Exception cause) {
    return new ConfigurationException(
        "external key (" + key.getAlgorithm() + ") " + why, kind, cause);
  }
}
