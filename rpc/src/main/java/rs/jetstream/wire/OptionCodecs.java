package rs.jetstream.wire;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Values that may be absent. */
final class OptionCodecs {
  private OptionCodecs() {}

  interface OptionalCodec<T> extends Codec<Optional<T>> {
    Codec<T> value();

    @Override
    default void write(WireWriter out, Optional<T> option) throws WireFormatException {
      out.writePresent(option.isPresent());
      if (option.isPresent()) {
        out.enter();
        value().write(out, option.get());
        out.leave();
      }
    }

    @Override
    default Optional<T> read(WireReader in) throws WireFormatException {
      if (!in.readPresent()) {
        return Optional.empty();
      }
      in.enter();
      T present = value().read(in);
      in.leave();
      return Optional.of(present);
    }
  }

  record OfOptional<T>(Codec<T> value) implements OptionalCodec<T> {}

  record OfKey<T>(KeyCodec<T> value) implements OptionalCodec<T>, KeyCodec<Optional<T>> {
    @Override
    public int compare(Optional<T> a, Optional<T> b) {
      return a.isPresent() && b.isPresent()
          ? value.compare(a.get(), b.get())
          : Boolean.compare(a.isPresent(), b.isPresent());
    }
  }

  record OfNullable<T>(Codec<T> value) implements Codec<@Nullable T> {
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
