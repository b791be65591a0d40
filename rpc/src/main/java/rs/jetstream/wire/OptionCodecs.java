package rs.jetstream.wire;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Values that may be absent. */
final class OptionCodecs {
  private OptionCodecs() {}

  static class OfOptional<T> implements Codec<Optional<T>> {
    private final Codec<T> value;

    OfOptional(Codec<T> value) {
      this.value = value;
    }

    @Override
    public void write(WireWriter out, Optional<T> option) throws WireFormatException {
      out.writePresent(option.isPresent());
      if (option.isPresent()) {
        out.enter();
        value.write(out, option.get());
        out.leave();
      }
    }

    @Override
    public Optional<T> read(WireReader in) throws WireFormatException {
      if (!in.readPresent()) {
        return Optional.empty();
      }
      in.enter();
      T present = value.read(in);
      in.leave();
      return Optional.of(present);
    }
  }

  static final class OfKey<T> extends OfOptional<T> implements KeyCodec<Optional<T>> {
    private final KeyCodec<T> key;

    OfKey(KeyCodec<T> key) {
      super(key);
      this.key = key;
    }

    @Override
    public int compare(Optional<T> a, Optional<T> b) {
      return a.isPresent() && b.isPresent()
          ? key.compare(a.get(), b.get())
          : Boolean.compare(a.isPresent(), b.isPresent());
    }
  }

  static final class OfNullable<T> implements Codec<@Nullable T> {
    private final Codec<T> value;

    OfNullable(Codec<T> value) {
      this.value = value;
    }

    @Override
    public void write(WireWriter out, @Nullable T option) throws WireFormatException {
      out.writePresent(option != null);
      if (option != null) {
        out.enter();
        value.write(out, option);
        out.leave();
      }
    }

    @Override
    public @Nullable T read(WireReader in) throws WireFormatException {
      if (!in.readPresent()) {
        return null;
      }
      in.enter();
      T present = value.read(in);
      in.leave();
      return present;
    }
  }
}
