package rs.jetstream.quic;

import java.io.Serial;

/** Ends one stream, or one call on it; the connection lives on. */
public final class StreamException extends JetStreamException {
  @Serial private static final long serialVersionUID = 1;

  StreamException(String message, Kind kind, long code, Initiator initiator) {
    super(message, kind, code, initiator);
  }

  StreamException(String message, Kind kind) {
    this(message, kind, 0, Initiator.LOCAL);
  }
}
