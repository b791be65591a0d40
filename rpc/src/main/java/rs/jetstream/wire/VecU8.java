package rs.jetstream.wire;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A {@code byte[]}, {@link java.nio.ByteBuffer} or {@link java.lang.foreign.MemorySegment} that is
 * {@code Vec<u8>} on the wire: two bytes of length, at most 65,535 bytes.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE_USE)
public @interface VecU8 {}
