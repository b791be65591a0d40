package rs.jetstream.wire;

import org.jspecify.annotations.Nullable;

/**
 * How values of one type are written and read.
 *
 * <p>Immutable and usable from any thread. A codec of one's own reads exactly what it writes, and
 * throws only {@link WireFormatException} for bytes of any kind.
 *
 * {@snippet :
 * final class CelsiusCodec implements Codec<Celsius> {
 *   public void write(WireWriter out, Celsius value) throws WireFormatException {
 *     out.writeI32(value.milliDegrees());
 *   }
 *
 *   public Celsius read(WireReader in) throws WireFormatException {
 *     return new Celsius(in.readI32());
 *   }
 * }
 * }
 *
 * @param <T> the type of the values
 */
public interface Codec<T extends @Nullable Object> {
  /**
   * Writes {@code value}.
   *
   * @throws WireFormatException when the value has no encoding or there is no room; what was
   *     written before stays written, and must not be sent
   * @throws NullPointerException when something is null that must not be
   */
  void write(WireWriter out, T value) throws WireFormatException;

  /**
   * Reads a value.
   *
   * @throws WireFormatException when the bytes are no value of this type
   */
  T read(WireReader in) throws WireFormatException;

  /**
   * The number of bytes that {@link #write} takes for {@code value}.
   *
   * @throws WireFormatException when the value has no encoding
   */
  default long size(T value) throws WireFormatException {
    WireWriter counter = WireWriter.counting();
    write(counter, value);
    return counter.position();
  }
}
