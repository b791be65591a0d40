package rs.jetstream.wire;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A {@code long} that is an unsigned number of eight bytes on the wire: negative from 2^63 on, as
 * {@link Long#toUnsignedString(long)} takes it.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE_USE)
public @interface U64 {}
