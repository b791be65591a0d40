package rs.jetstream.wire;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A registry of codecs, of types that one does not own above all.
 *
 * <p>It holds for all values of those types that are declared inside the type, package or module
 * that carries it. It is read by the compiler: nothing is looked up at run time, and a type without
 * a codec is a compiler's error. Packages that share a registry give it a name, as an annotation of
 * their own that carries this one:
 *
 * {@snippet :
 * @WireCodecs({UuidCodec.class, MoneyCodec.class})
 * public @interface ShopCodecs {}
 *
 * @ShopCodecs
 * @WireType
 * public record Order(UUID id, Optional<Money> price, Set<UUID> parts) {}
 * }
 *
 * <p><b>Which codec is taken.</b> The nearest: {@link WireCodec} or another annotation at the value
 * itself ({@link U32}, {@link Data}), then the registry of the innermost type, of the types around
 * it, of the package, not of those that its name begins with, and of the module; last what the wire
 * carries by itself, which a registry may so replace. A codec of {@code Integer} is one of {@code
 * int}. Keys of maps and members of sets need a {@link KeyCodec}.
 *
 * <p><b>Common issues.</b> Two codecs of one type in one place are an error. How a record is
 * carried is said where the record is declared, never where it is used. Gradle compiles all anew
 * where a registry of a package or module is used: its incremental builds follow those of types and
 * those with a name.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.PACKAGE, ElementType.MODULE})
public @interface WireCodecs {
  /**
   * Classes with a constructor without parameters that is not private; each says by its type
   * argument for what it is.
   */
  Class<? extends Codec<?>>[] value();
}
