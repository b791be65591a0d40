package rs.jetstream.quic;

/** Which side ended a stream or connection. */
public enum Initiator {
  /** This side. */
  LOCAL,
  /** The peer. */
  REMOTE,
  /** Neither, or nobody knows. */
  UNKNOWN
}
