package rs.jetstream.quic;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Settings, certificates or keys that cannot be used; nothing was bound or begun. */
public final class ConfigurationException extends JetStreamException {
  @Serial private static final long serialVersionUID = 1;

  ConfigurationException(String message, Kind kind, long code, Initiator initiator) {
    super(message, kind, code, initiator);
  }

  ConfigurationException(String message, Kind kind) {
    this(message, kind, 0, Initiator.LOCAL);
  }

  ConfigurationException(String message, Kind kind, @Nullable Throwable cause) {
    super(message, kind, 0, Initiator.LOCAL, cause);
  }
}
