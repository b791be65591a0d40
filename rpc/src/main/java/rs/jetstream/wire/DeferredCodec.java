package rs.jetstream.wire;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A codec that is looked up when it is first used. */
final class DeferredCodec<T> implements Codec<T> {
  private final Supplier<Codec<T>> supplier;

  /** Two threads may look it up at once: both find the same. */
  private volatile @Nullable Codec<T> found;

  DeferredCodec(Supplier<Codec<T>> supplier) {
    this.supplier = supplier;
  }

  private Codec<T> codec() {
    Codec<T> codec = found;
    if (codec == null) {
      codec = supplier.get();
      found = codec;
    }
    return codec;
  }

  @Override
  public void write(WireWriter out, T value) throws WireFormatException {
    codec().write(out, value);
  }

  @Override
  public T read(WireReader in) throws WireFormatException {
    return codec().read(in);
  }
}
