package rs.jetstream.wire;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Codecs of types that one does not own, for all that is declared inside the type or package.
 *
 * {@snippet :
 * @WireCodecs(UuidCodec.class)
 * package com.example.orders;
 * }
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.PACKAGE})
public @interface WireCodecs {
  /** Classes with a constructor without parameters; each says by its type argument for what. */
  Class<? extends Codec<?>>[] value();
}
