package rs.jetstream.quic;

import java.io.Serial;

/** Ends a connection or an attempt to have one; endpoints use it as well. */
public final class ConnectionException extends JetStreamException {
  @Serial private static final long serialVersionUID = 1;

  ConnectionException(String message, Kind kind, long code, Initiator initiator) {
    super(message, kind, code, initiator);
  }

  ConnectionException(String message, Kind kind) {
    this(message, kind, 0, Initiator.LOCAL);
  }
}
