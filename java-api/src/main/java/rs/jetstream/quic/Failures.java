package rs.jetstream.quic;

import rs.jetstream.ffi.NativeFailure;
import rs.jetstream.ffi.NativeStatus;
import rs.jetstream.quic.JetStreamException.Kind;

/**
 * The one mapping from native failures to exceptions. It never throws itself: what it does not know
 * is internal.
 */
final class Failures {
  private Failures() {}

  /**
   * The exception for a failed call.
   *
   * @param doing what was tried, as in "send on stream 4"
   */
  static JetStreamException of(String doing, NativeFailure failure) {
    String message = doing + " failed: " + printable(failure.message());
    Initiator initiator =
        switch (failure.initiator()) {
          case NativeFailure.LOCAL -> Initiator.LOCAL;
          case NativeFailure.REMOTE -> Initiator.REMOTE;
          default -> Initiator.UNKNOWN;
        };
    Kind kind = kind(failure, initiator);
    long code = kind == Kind.INTERNAL ? failure.status() : failure.code();
    return switch (kind) {
      case STREAM_RESET, STREAM_ENDED_LOCALLY, LIMIT, DEADLINE ->
          new StreamException(message, kind, code, initiator);
      case BAD_CERTIFICATE, BAD_PRIVATE_KEY, KEY_MISMATCH, BAD_TRUST, BAD_TLS_SETTINGS ->
          new ConfigurationException(message, kind, code, initiator);
      default -> new ConnectionException(message, kind, code, initiator);
    };
  }

  /**
   * For calls on a connection that answered an argument error: those are the caller's, not the
   * network's.
   */
  static void rejectArgument(String doing, int status, NativeFailure failure) {
    switch (status) {
      case NativeStatus.INVALID_ARGUMENT ->
          throw new IllegalArgumentException(doing + ": " + failure.message());
      case NativeStatus.BUSY -> throw new IllegalStateException(doing + ": " + failure.message());
      case NativeStatus.WRONG_KIND ->
          throw new UnsupportedOperationException(doing + ": " + failure.message());
      default -> {}
    }
  }

  private static Kind kind(NativeFailure failure, Initiator initiator) {
    boolean local = initiator == Initiator.LOCAL;
    return switch (failure.status()) {
      case NativeStatus.CLOSED -> Kind.CLOSED_LOCALLY;
      case NativeStatus.CONNECTION_CLOSED -> local ? Kind.CLOSED_LOCALLY : Kind.CLOSED;
      case NativeStatus.CONNECTION_APPLICATION ->
          local ? Kind.CLOSED_LOCALLY : Kind.APPLICATION_CLOSE;
      case NativeStatus.CONNECTION_IMMEDIATE_CLOSE -> Kind.CLOSED_LOCALLY;
      case NativeStatus.CONNECTION_TRANSPORT -> Kind.TRANSPORT_ERROR;
      case NativeStatus.CONNECTION_STATELESS_RESET -> Kind.STATELESS_RESET;
      case NativeStatus.CONNECTION_IDLE_TIMEOUT -> Kind.IDLE_TIMEOUT;
      case NativeStatus.CONNECTION_HANDSHAKE_TIMEOUT -> Kind.HANDSHAKE_TIMEOUT;
      case NativeStatus.CONNECTION_HANDSHAKE_REFUSED ->
          local ? Kind.PEER_NOT_TRUSTED : Kind.HANDSHAKE_REFUSED;
      case NativeStatus.CONNECTION_NOT_SIGNED -> Kind.NOT_SIGNED;
      case NativeStatus.CONNECTION_NO_VALID_PATH -> Kind.NO_VALID_PATH;
      case NativeStatus.CONNECTION_STREAM_IDS_EXHAUSTED -> Kind.STREAM_IDS_EXHAUSTED;
      case NativeStatus.CONNECTION_ENDPOINT_CLOSING -> Kind.ENDPOINT_CLOSED;
      case NativeStatus.STREAM_RESET -> Kind.STREAM_RESET;
      case NativeStatus.STREAM_SEND_AFTER_FINISH,
          NativeStatus.STREAM_STOPPED,
          NativeStatus.STREAM_INVALID ->
          Kind.STREAM_ENDED_LOCALLY;
      case NativeStatus.LIMIT -> Kind.LIMIT;
      case NativeStatus.EXCHANGE_TIMEOUT -> Kind.DEADLINE;
      case NativeStatus.ADDRESS_IN_USE -> Kind.ADDRESS_IN_USE;
      case NativeStatus.ADDRESS_NOT_AVAILABLE -> Kind.ADDRESS_NOT_AVAILABLE;
      case NativeStatus.PERMISSION_DENIED -> Kind.PERMISSION_DENIED;
      case NativeStatus.IO -> Kind.IO;
      case NativeStatus.BAD_SOCKET -> Kind.BAD_SOCKET;
      case NativeStatus.TLS_CERTIFICATE -> Kind.BAD_CERTIFICATE;
      case NativeStatus.TLS_PRIVATE_KEY -> Kind.BAD_PRIVATE_KEY;
      case NativeStatus.TLS_KEY_MISMATCH -> Kind.KEY_MISMATCH;
      case NativeStatus.TLS_TRUST -> Kind.BAD_TRUST;
      case NativeStatus.TLS_POLICY, NativeStatus.TLS_CONFIG -> Kind.BAD_TLS_SETTINGS;
      case NativeStatus.PANICKED -> Kind.PANIC;
      default -> Kind.INTERNAL;
    };
  }

  /** What a peer can have written is shown without control characters. */
  static String printable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          if (Character.isISOControl(c)) {
            out.append(String.format("\\u%04x", c));
          } else {
            out.appendCodePoint(c);
          }
        });
    return out.toString();
  }
}
