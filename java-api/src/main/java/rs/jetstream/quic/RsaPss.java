package rs.jetstream.quic;

import java.io.Serial;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.security.interfaces.RSAPublicKey;
import javax.crypto.Cipher;

/**
 * RSASSA-PSS over a message that is hashed already: RFC 8017 section 8.1.1, with the mask and the
 * length of the salt that RFC 8446 section 4.2.3 demands.
 *
 * <p>A handshake hands out its transcript's digest alone. The JDK's {@code RSASSA-PSS} hashes what
 * it signs, and has no variant that does not. So the encoding is made here, and the key's provider
 * does the raw RSA operation, which needs nothing but the key.
 */
final class RsaPss {
  /**
   * Shorter ones can be broken: RFC 8446 section 4.2.3 leaves it to us, NIST SP 800-57 does not.
   */
  static final int LEAST_BITS = 2048;

  /** A raw signature with a private key, where the operation is named after encryption. */
  static final String RAW = "RSA/ECB/NoPadding";

  private static final SecureRandom RANDOM = new SecureRandom();

  private RsaPss() {}

  /** A signature that the certificate's key does not verify. */
  static final class WrongSignatureException extends SignatureException {
    @Serial private static final long serialVersionUID = 1;

    WrongSignatureException() {
      super("the signature does not verify with the certificate's key");
    }
  }

  /**
   * Signs, and verifies before it hands the signature out: one that was computed wrongly by chance
   * or by an attack can tell the factors of the modulus.
   *
   * @param of the public half of {@code key}
   * @param hash the one that made {@code digest}, and makes the mask
   */
  // = https://www.rfc-editor.org/rfc/rfc8017#section-8.1.1
  static byte[] sign(PrivateKey key, RSAPublicKey of, String hash, byte[] digest)
      throws GeneralSecurityException {
    BigInteger modulus = of.getModulus();
    byte[] encoded = encode(digest, MessageDigest.getInstance(hash), modulus.bitLength() - 1);
    int length = (modulus.bitLength() + 7) / 8;
    // As long as the modulus, which tokens want: the encoding is a byte shorter when the modulus
    // has one bit more than whole bytes.
    byte[] message = new byte[length];
    System.arraycopy(encoded, 0, message, length - encoded.length, encoded.length);
    Cipher raw = Cipher.getInstance(RAW);
    // The provider is chosen by the key. PKCS#11's C_Sign, and not C_Decrypt, which such a key may
    // not be allowed: the mode is that of signing.
    raw.init(Cipher.ENCRYPT_MODE, key);
    BigInteger signature = new BigInteger(1, raw.doFinal(message));
    if (signature.compareTo(modulus) >= 0
        || !signature.modPow(of.getPublicExponent(), modulus).equals(new BigInteger(1, encoded))) {
      throw new WrongSignatureException();
    }
    return fixedLength(signature, length);
  }

  // = https://www.rfc-editor.org/rfc/rfc8017#section-9.1.1
  private static byte[] encode(byte[] digest, MessageDigest hash, int bits) {
    byte[] salt = new byte[hash.getDigestLength()];
    RANDOM.nextBytes(salt);
    hash.update(new byte[8]);
    hash.update(digest);
    byte[] seed = hash.digest(salt);
    byte[] encoded = new byte[(bits + 7) / 8];
    int masked = encoded.length - seed.length - 1;
    // DB is zeros, a one and the salt; the mask is put over it.
    encoded[masked - salt.length - 1] = 1;
    System.arraycopy(salt, 0, encoded, masked - salt.length, salt.length);
    mask(encoded, masked, seed, hash);
    encoded[0] &= (byte) (0xff >> (8 * encoded.length - bits));
    System.arraycopy(seed, 0, encoded, masked, seed.length);
    encoded[encoded.length - 1] = (byte) 0xbc;
    return encoded;
  }

  /** MGF1, over the first {@code length} bytes. */
  // = https://www.rfc-editor.org/rfc/rfc8017#appendix-B.2.1
  private static void mask(byte[] bytes, int length, byte[] seed, MessageDigest hash) {
    for (int at = 0, counter = 0; at < length; counter++) {
      hash.update(seed);
      // The counter has four bytes; the longest key that s2n-tls takes needs no more than one.
      byte[] block = hash.digest(new byte[] {0, 0, 0, (byte) counter});
      for (int i = 0; i < block.length && at < length; i++) {
        bytes[at++] ^= block[i];
      }
    }
  }

  private static byte[] fixedLength(BigInteger number, int length) {
    byte[] bytes = number.toByteArray();
    byte[] fixed = new byte[length];
    int used = Math.min(length, bytes.length); // one more when it leads with a zero for the sign
    System.arraycopy(bytes, bytes.length - used, fixed, length - used, used);
    return fixed;
  }
}
