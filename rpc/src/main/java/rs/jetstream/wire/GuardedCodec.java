package rs.jetstream.wire;

import rs.jetstream.wire.WireFormatException.Kind;

/** Keeps what somebody else's codec throws inside the rules. */
interface GuardedCodec<T> extends Codec<T> {
  /** The guarded one. */
  Codec<T> codec();

  @Override
  default void write(WireWriter out, T value) throws WireFormatException {
    Codec<T> codec = codec();
    try {
      codec.write(out, value);
    } catch (RuntimeException e) {
      throw new WireFormatException(
          Kind.REFUSED, out.position(), codec.getClass().getName() + " cannot write it", e);
    }
  }

  @Override
  default T read(WireReader in) throws WireFormatException {
    Codec<T> codec = codec();
    try {
      return codec.read(in);
    } catch (RuntimeException e) {
      throw in.refused(codec.getClass(), e);
    }
  }

  /** Of a codec of values that cannot be keys. */
  record Of<T>(Codec<T> codec) implements GuardedCodec<T> {}

  /** Of a codec of keys. */
  record OfKey<T>(KeyCodec<T> codec) implements GuardedCodec<T>, KeyCodec<T> {
    @Override
    public int compare(T a, T b) {
      return codec.compare(a, b);
    }
  }
}
