package rs.jetstream.quic;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Ends one call of a protocol above QUIC. The protocol's own module has the class that is thrown;
 * here is the place that it has among the others.
 */
public abstract non-sealed class CallException extends JetStreamException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * A call failed.
   *
   * @param code as {@link #code()}: 0 where the transport has none
   */
  protected CallException(
      String message, Kind kind, long code, Initiator initiator, @Nullable Throwable cause) {
    super(message, kind, code, initiator, cause);
  }
}
