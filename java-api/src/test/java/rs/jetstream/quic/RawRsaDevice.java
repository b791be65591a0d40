package rs.jetstream.quic;

import java.io.Serial;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.NoSuchPaddingException;

/** A device that does raw RSA with a key that it does not show, and that can be made to err. */
final class RawRsaDevice extends Provider {
  @Serial private static final long serialVersionUID = 1;

  static final String NAME = "TestRawRsaDevice";
  static final AtomicReference<PrivateKey> INSIDE = new AtomicReference<>();

  /** How many of the next results have one bit flipped. */
  static final AtomicInteger FAULTS = new AtomicInteger();

  /** What such a key looks like from outside; neither its modulus nor an encoding is shown. */
  record Handle() implements PrivateKey {
    @Serial private static final long serialVersionUID = 1;

    @Override
    public String getAlgorithm() {
      return "RSA";
    }

    @Override
    public String getFormat() {
      return null;
    }

    @Override
    public byte[] getEncoded() {
      return null;
    }
  }

  RawRsaDevice() {
    super(NAME, "1", "raw RSA with keys that it does not show");
    put("Cipher.RSA/ECB/NoPadding", Raw.class.getName());
  }

  public static final class Raw extends CipherSpi {
    private Cipher real;

    @Override
    protected void engineInit(int mode, Key key, SecureRandom random) throws InvalidKeyException {
      if (!(key instanceof Handle) || mode != Cipher.ENCRYPT_MODE) {
        throw new InvalidKeyException("signs with keys of this device alone");
      }
      try {
        real = Cipher.getInstance("RSA/ECB/NoPadding", "SunJCE");
        real.init(mode, INSIDE.get());
      } catch (GeneralSecurityException e) {
        throw new InvalidKeyException(e);
      }
    }

    @Override
    protected byte[] engineDoFinal(byte[] input, int offset, int length) {
      try {
        byte[] result = real.doFinal(input, offset, length);
        if (FAULTS.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
          result[result.length - 1] ^= 1;
        }
        return result;
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    protected void engineSetMode(String mode) {}

    @Override
    protected void engineSetPadding(String padding) throws NoSuchPaddingException {
      throw new NoSuchPaddingException(padding);
    }

    @Override
    protected int engineGetBlockSize() {
      return 0;
    }

    @Override
    protected int engineGetOutputSize(int length) {
      return real.getOutputSize(length);
    }

    @Override
    protected byte[] engineGetIV() {
      return null;
    }

    @Override
    protected AlgorithmParameters engineGetParameters() {
      return null;
    }

    @Override
    protected void engineInit(
        int mode, Key key, AlgorithmParameterSpec parameters, SecureRandom random) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected void engineInit(
        int mode, Key key, AlgorithmParameters parameters, SecureRandom random) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected byte[] engineUpdate(byte[] input, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected int engineUpdate(byte[] input, int offset, int length, byte[] out, int at) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected int engineDoFinal(byte[] input, int offset, int length, byte[] out, int at) {
      throw new UnsupportedOperationException();
    }
  }
}
