package rs.jetstream.rpc;

import java.io.Serial;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.CallException;
import rs.jetstream.quic.Initiator;
import rs.jetstream.quic.JetStreamException;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.ErrorMessage.Span;

/**
 * A call that failed, or an error that a handler answers a call with.
 *
 * <p>{@link #kind()} tells them apart: REMOTE_ERROR is the peer's answer, with what it says in
 * {@link #error()}; every other kind means that there was no answer. Whether the handler ran is
 * unknown then, except for VERSION_REFUSED and NOT_ENCODABLE, where it did not.
 *
 * <p>A handler throws one that it made to say something to the caller; anything else that it
 * throws, an exception of another call among it, reaches the caller as "internal error" alone.
 *
 * {@snippet :
 * throw new RpcException("division by zero").errorCode("math::divide").help("pass another divisor");
 * }
 */
public final class RpcException extends CallException {
  @Serial private static final long serialVersionUID = 1;

  private final transient @Nullable ErrorMessage error;

  /** Whether it is sure that nothing of the call was sent. */
  private final transient boolean unsent;

  /** An error of a handler, with nothing but a message for the caller. */
  public RpcException(String message) {
    this(ErrorMessage.of(message));
  }

  /** An error of a handler. */
  public RpcException(ErrorMessage error) {
    this(error, Kind.APPLICATION_ERROR, error.message());
  }

  private RpcException(ErrorMessage error, Kind kind, String message) {
    super(message, kind, 0, kind == Kind.REMOTE_ERROR ? Initiator.REMOTE : Initiator.LOCAL, null);
    this.error = error;
    this.unsent = false;
  }

  private RpcException(
      String message, Kind kind, Initiator initiator, @Nullable Throwable cause, boolean unsent) {
    super(message, kind, cause instanceof JetStreamException it ? it.code() : 0, initiator, cause);
    this.error = null;
    this.unsent = unsent;
  }

  RpcException(String message, Kind kind) {
    this(message, kind, Initiator.LOCAL, null, false);
  }

  /** Too late for another attempt, after {@code last}. */
  static RpcException late(String message, RpcException last) {
    return new RpcException(message, Kind.DEADLINE, Initiator.LOCAL, last, true);
  }

  /** A value that cannot be sent. */
  static RpcException notEncodable(String message, @Nullable Throwable cause) {
    return new RpcException(message, Kind.NOT_ENCODABLE, Initiator.LOCAL, cause, true);
  }

  /** A lane that is no stream has ended. */
  static RpcException lane(String message, Kind kind) {
    return new RpcException(message, kind, Initiator.UNKNOWN, null, false);
  }

  /** The peer did what it must not do. */
  static RpcException badMessage(String message, @Nullable Throwable cause) {
    return new RpcException(message, Kind.BAD_MESSAGE, Initiator.REMOTE, cause, false);
  }

  /** The peer does not serve what was asked for. */
  static RpcException refused(String message, @Nullable Throwable cause) {
    return new RpcException(message, Kind.VERSION_REFUSED, Initiator.REMOTE, cause, true);
  }

  /** What {@code cause}, of a layer below or of the lane, means for what was being done. */
  static RpcException because(String doing, Throwable cause, boolean unsent) {
    String why = cause.getMessage();
    Kind kind = Kind.INTERNAL;
    Initiator initiator = Initiator.UNKNOWN;
    if (cause instanceof JetStreamException it) {
      kind = it.kind();
      initiator = it.initiator();
    } else if (cause instanceof IllegalStateException) {
      kind = Kind.CLOSED_LOCALLY;
      initiator = Initiator.LOCAL;
    }
    return new RpcException(
        doing + " failed: " + (why == null ? cause.toString() : why),
        kind,
        initiator,
        cause,
        unsent);
  }

  boolean isUnsent() {
    return unsent;
  }

  /** What the peer answered a call of {@code method} with. */
  static RpcException remote(String method, ErrorMessage error) {
    String code = error.code() == null ? "" : " [" + Text.printable(error.code()) + "]";
    return new RpcException(
        error,
        Kind.REMOTE_ERROR,
        "call " + method + " failed: " + Text.printable(error.message()) + code);
  }

  /** As this one, with the code that programs look at, such as {@code server::validation::E001}. */
  public RpcException errorCode(String code) {
    ErrorMessage it = orMessage();
    return with(new ErrorMessage(it.message(), code, it.help(), it.url(), it.trace()));
  }

  /** As this one, with what to do about it. */
  public RpcException help(String help) {
    ErrorMessage it = orMessage();
    return with(new ErrorMessage(it.message(), it.code(), help, it.url(), it.trace()));
  }

  /** As this one, with where to read more. */
  public RpcException url(String url) {
    ErrorMessage it = orMessage();
    return with(new ErrorMessage(it.message(), it.code(), it.help(), url, it.trace()));
  }

  /** Made where this one was made. */
  private RpcException with(ErrorMessage error) {
    RpcException copy = new RpcException(error);
    copy.setStackTrace(getStackTrace());
    return copy;
  }

  private ErrorMessage orMessage() {
    ErrorMessage it = error;
    String message = getMessage();
    return it != null ? it : ErrorMessage.of(message == null ? "" : message);
  }

  /** What was answered, or is to be answered; empty when there was no answer. */
  public Optional<ErrorMessage> error() {
    return Optional.ofNullable(error);
  }

  /** The answer's code. */
  public Optional<String> errorCode() {
    return error().map(ErrorMessage::code);
  }

  /** The answer's advice. */
  public Optional<String> help() {
    return error().map(ErrorMessage::help);
  }

  /** The answer's address to read more at. */
  public Optional<String> url() {
    return error().map(ErrorMessage::url);
  }

  /** The spans that were open in the peer, innermost first; empty when it does not tell. */
  public List<Span> trace() {
    return error().map(ErrorMessage::trace).orElse(List.of());
  }
}
