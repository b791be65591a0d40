package rs.jetstream.rpc;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Lets only certain peers call a method, or the methods of a service, of the implementation or the
 * interface that it is on. The method's own counts before the type's, the implementation's before
 * the interface's.
 *
 * <p>Without a name any peer with a verified certificate may call. With names, one that has one of
 * them: every list that is not empty counts, and one match is enough.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface RequirePeer {
  /** Common names of the subject. */
  String[] commonName() default {};

  /** DNS names among the alternative names, in full. */
  String[] dnsName() default {};

  /** URIs among the alternative names, in full. */
  String[] uri() default {};

  /** SHA-256 fingerprints of the certificate, in hexadecimal. */
  String[] fingerprint() default {};
}
