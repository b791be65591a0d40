package rs.jetstream.wire;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A value that is read and written by the codec that is named. */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE_USE)
public @interface WireCodec {
  /** A class with a constructor without parameters. */
  Class<? extends Codec<?>> value();
}
