package rs.jetstream.wire;

import rs.jetstream.wire.WireFormatException.Kind;

/** Keeps what somebody else's codec throws inside the rules. */
class GuardedCodec<T> implements Codec<T> {
  private final Codec<T> codec;

  GuardedCodec(Codec<T> codec) {
    this.codec = codec;
  }

  @Override
  public void write(WireWriter out, T value) throws WireFormatException {
    try {
      codec.write(out, value);
    } catch (RuntimeException e) {
      throw new WireFormatException(
          Kind.REFUSED, out.position(), codec.getClass().getName() + " cannot write it", e);
    }
  }

  @Override
  public T read(WireReader in) throws WireFormatException {
    try {
      return codec.read(in);
    } catch (RuntimeException e) {
      throw in.refused(codec.getClass(), e);
    }
  }

  static final class OfKey<T> extends GuardedCodec<T> implements KeyCodec<T> {
    private final KeyCodec<T> key;

    OfKey(KeyCodec<T> key) {
      super(key);
      this.key = key;
    }

    @Override
    public int compare(T a, T b) {
      return key.compare(a, b);
    }
  }
}
