package rs.jetstream.wire;

import java.math.BigInteger;

/**
 * An unsigned number of 128 bits.
 *
 * @param high the upper 64 bits
 * @param low the lower 64 bits
 */
public record UInt128(long high, long low) implements Comparable<UInt128> {
  /** 0. */
  public static final UInt128 ZERO = new UInt128(0, 0);

  /** 2^128 - 1. */
  public static final UInt128 MAX_VALUE = new UInt128(-1, -1);

  /** The number {@code value}, taken as unsigned. */
  public static UInt128 ofUnsigned(long value) {
    return new UInt128(0, value);
  }

  /**
   * The number {@code value}.
   *
   * @throws ArithmeticException when it is negative or has more than 128 bits
   */
  public static UInt128 of(BigInteger value) {
    if (value.signum() < 0 || value.bitLength() > 128) {
      throw new ArithmeticException("not an unsigned number of 128 bits");
    }
    return new UInt128(value.shiftRight(64).longValue(), value.longValue());
  }

  /** The same number. */
  public BigInteger toBigInteger() {
    return Int128.join(high, low, 1);
  }

  @Override
  public int compareTo(UInt128 other) {
    int order = Long.compareUnsigned(high, other.high);
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }

  /** In decimal. */
  @Override
  public String toString() {
    return toBigInteger().toString();
  }
}
