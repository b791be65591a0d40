package rs.jetstream.quic;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Something that a network, a peer or a file did.
 *
 * <p>{@link #kind()} is for programs, the message for people; never parse messages. A call that is
 * started on a closed object throws {@link IllegalStateException} instead, an interrupted one
 * {@link java.io.InterruptedIOException}.
 */
public abstract sealed class JetStreamException extends IOException
    permits ConnectionException, StreamException, ConfigurationException, CallException {

  @Serial private static final long serialVersionUID = 1;

  /** What happened. */
  public enum Kind {
    /** The connection was closed without an error. */
    CLOSED,
    /** This side closed the object while the call was under way. */
    CLOSED_LOCALLY,
    /** The connection was closed with a code of the application: {@link #code()}. */
    APPLICATION_CLOSE,
    /**
     * The connection was closed with a transport error of RFC 9000 section 20.1: {@link #code()}.
     */
    TRANSPORT_ERROR,
    /** The peer lost the connection's state and said so. */
    STATELESS_RESET,
    /** Nothing was heard from the peer for the idle timeout. */
    IDLE_TIMEOUT,
    /** The peer did not complete the handshake in time, or is not there. */
    HANDSHAKE_TIMEOUT,
    /**
     * The peer refused the handshake: certificate, ALPN or policy. {@link #code()} - 0x100 is its
     * TLS alert.
     */
    HANDSHAKE_REFUSED,
    /**
     * This side refused the peer: its certificate is not trusted, expired, or names someone else.
     */
    PEER_NOT_TRUSTED,
    /**
     * The provider of this side's external key did not sign the handshake, or not in time; the log
     * has its exception.
     */
    NOT_SIGNED,
    /** The endpoint is closed, or has died. */
    ENDPOINT_CLOSED,
    /** No path to the peer is left. */
    NO_VALID_PATH,
    /** All stream ids of the connection are used up. */
    STREAM_IDS_EXHAUSTED,
    /** The peer reset the stream, or asked to stop sending: {@link #code()}. */
    STREAM_RESET,
    /** This side reset or stopped the stream while the call was under way. */
    STREAM_ENDED_LOCALLY,
    /** The deadline of the call passed; the object is still usable. */
    DEADLINE,
    /** A limit of this side's settings is reached; the message names it. */
    LIMIT,
    /** A frame breaks the framing: too large, too small, cut off, or not sent in its time. */
    BAD_FRAME,
    /** The peer answered a call with an error. */
    REMOTE_ERROR,
    /** A handler's own error, for the caller to see. */
    APPLICATION_ERROR,
    /** The peer does not serve the service, or not in this version. */
    VERSION_REFUSED,
    /** The peer sent a message that the protocol does not allow here, or that cannot be read. */
    BAD_MESSAGE,
    /** A value has no encoding, or one that is larger than the peer takes; nothing was sent. */
    NOT_ENCODABLE,
    /** The address is bound by another socket. */
    ADDRESS_IN_USE,
    /** The address is not one of this machine's. */
    ADDRESS_NOT_AVAILABLE,
    /** The operating system denied the socket or the file. */
    PERMISSION_DENIED,
    /** The host has no address. */
    UNKNOWN_HOST,
    /** An inherited descriptor is not a socket that an endpoint can be opened on. */
    BAD_SOCKET,
    /** The operating system failed otherwise. */
    IO,
    /** A file of certificates or keys is missing or cannot be read. */
    FILE,
    /** A private key file can be read by others. */
    KEY_FILE_PERMISSIONS,
    /** Certificates are missing, damaged, or not PEM. */
    BAD_CERTIFICATE,
    /** A certificate says that it is for tests only, and other machines can reach the address. */
    TEST_CERTIFICATE,
    /** A certificate of this side's is expired or not valid yet. */
    CERTIFICATE_NOT_VALID_NOW,
    /** The private key is missing, damaged, encrypted, or not PEM. */
    BAD_PRIVATE_KEY,
    /** Private key and certificate do not belong together. */
    KEY_MISMATCH,
    /** The trusted certificates are missing, damaged, or not PEM. */
    BAD_TRUST,
    /** The security policy is unknown, or s2n-tls refuses the settings. */
    BAD_TLS_SETTINGS,
    /** The native half panicked; the object is lost, the process is well. */
    PANIC,
    /** Something that this version has no name for: {@link #code()} is the native status. */
    INTERNAL
  }

  private final Kind kind;
  private final long code;
  private final Initiator initiator;

  JetStreamException(String message, Kind kind, long code, Initiator initiator) {
    this(message, kind, code, initiator, null);
  }

  JetStreamException(
      String message, Kind kind, long code, Initiator initiator, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.code = code;
    this.initiator = initiator;
  }

  /** What happened. */
  public Kind kind() {
    return kind;
  }

  /** The error code that belongs to {@link #kind()}, or 0. */
  public long code() {
    return code;
  }

  /** Which side ended it, where that is known. */
  public Initiator initiator() {
    return initiator;
  }
}
