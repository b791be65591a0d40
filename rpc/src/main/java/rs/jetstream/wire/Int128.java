package rs.jetstream.wire;

import java.math.BigInteger;

/**
 * A signed number of 128 bits, two's complement.
 *
 * @param high the upper 64 bits, with the sign
 * @param low the lower 64 bits
 */
public record Int128(long high, long low) implements Comparable<Int128> {
  /** 0. */
  public static final Int128 ZERO = new Int128(0, 0);

  /** -2^127. */
  public static final Int128 MIN_VALUE = new Int128(Long.MIN_VALUE, 0);

  /** 2^127 - 1. */
  public static final Int128 MAX_VALUE = new Int128(Long.MAX_VALUE, -1);

  /** The number {@code value}. */
  public static Int128 of(long value) {
    return new Int128(value >> 63, value);
  }

  /**
   * The number {@code value}.
   *
   * @throws ArithmeticException when it has more than 128 bits, the sign counted
   */
  public static Int128 of(BigInteger value) {
    if (value.bitLength() > 127) {
      throw new ArithmeticException("not a signed number of 128 bits");
    }
    return new Int128(value.shiftRight(64).longValue(), value.longValue());
  }

  /** The same number. */
  public BigInteger toBigInteger() {
    return new BigInteger(bytes(high, low));
  }

  static BigInteger join(long high, long low, int signum) {
    return new BigInteger(signum, bytes(high, low));
  }

  private static byte[] bytes(long high, long low) {
    byte[] bytes = new byte[16];
    for (int i = 0; i < 8; i++) {
      bytes[i] = (byte) (high >> (56 - 8 * i));
      bytes[8 + i] = (byte) (low >> (56 - 8 * i));
    }
    return bytes;
  }

  @Override
  public int compareTo(Int128 other) {
    int order = Long.compare(high, other.high);
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }

  /** In decimal. */
  @Override
  public String toString() {
    return toBigInteger().toString();
  }
}
