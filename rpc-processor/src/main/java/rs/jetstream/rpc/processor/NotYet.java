package rs.jetstream.rpc.processor;

import java.io.Serial;

/**
 * A type that does not exist yet: another processor may write it, or the compiler will complain.
 */
final class NotYet extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;
}
