package rs.jetstream.wire;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A {@code byte[]}, {@link java.nio.ByteBuffer} or {@link java.lang.foreign.MemorySegment} that is
 * {@code Data} on the wire: four bytes of length, at most 32 MiB.
 *
 * <p>A segment or buffer that was read is read-only, and may be a slice of the frame: a handler
 * that keeps it copies it.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE_USE)
public @interface Data {}
