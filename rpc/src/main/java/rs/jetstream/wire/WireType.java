package rs.jetstream.wire;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a codec for a record, a sealed interface of records or an enum, in the same package: {@code
 * PointCodec.INSTANCE} for {@code Point}, {@code Outer_PointCodec} for one inside {@code Outer}.
 *
 * <p>Types that a service of the same compilation uses have theirs without it. With it on all of
 * them Gradle compiles what has changed alone; without, all anew, as a codec then comes from two
 * sources. The order of components, records and constants is the contract: new ones come last.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface WireType {}
