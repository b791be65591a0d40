package rs.jetstream.rpc;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says the id of a method's request, instead of its place in the interface. All methods of a
 * service have it, or none.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.METHOD)
public @interface MethodId {
  /** An even number from 102 to 254; the response has the next one. */
  int value();
}
