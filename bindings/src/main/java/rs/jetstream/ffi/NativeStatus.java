package rs.jetstream.ffi;

/**
 * What a call answers, as compile-time constants; {@code LayoutTest} compares them with the header.
 *
 * <p>Zero is done, positive is not yet, negative is a failure.
 */
public final class NativeStatus {
  public static final int OK = 0;
  public static final int PENDING = 1;

  public static final int INVALID_ARGUMENT = -1;
  public static final int CLOSED = -2;
  public static final int BUSY = -3;
  public static final int PANICKED = -4;
  public static final int INTERNAL = -5;
  public static final int LIMIT = -6;
  public static final int WRONG_KIND = -7;
  public static final int VERSION = -8;
  public static final int EXCHANGE_TIMEOUT = -9;

  public static final int TLS_CERTIFICATE = -100;
  public static final int TLS_PRIVATE_KEY = -101;
  public static final int TLS_KEY_MISMATCH = -102;
  public static final int TLS_TRUST = -103;
  public static final int TLS_POLICY = -104;
  public static final int TLS_CONFIG = -105;

  public static final int ADDRESS_IN_USE = -200;
  public static final int ADDRESS_NOT_AVAILABLE = -201;
  public static final int PERMISSION_DENIED = -202;
  public static final int IO = -203;
  public static final int BAD_SOCKET = -204;

  public static final int CONNECTION_CLOSED = -300;
  public static final int CONNECTION_TRANSPORT = -301;
  public static final int CONNECTION_APPLICATION = -302;
  public static final int CONNECTION_STATELESS_RESET = -303;
  public static final int CONNECTION_IDLE_TIMEOUT = -304;
  public static final int CONNECTION_NO_VALID_PATH = -305;
  public static final int CONNECTION_STREAM_IDS_EXHAUSTED = -306;
  public static final int CONNECTION_HANDSHAKE_TIMEOUT = -307;
  public static final int CONNECTION_IMMEDIATE_CLOSE = -308;
  public static final int CONNECTION_ENDPOINT_CLOSING = -309;
  public static final int CONNECTION_INVALID_CONFIGURATION = -310;
  public static final int CONNECTION_UNSPECIFIED = -311;
  public static final int CONNECTION_HANDSHAKE_REFUSED = -312;
  public static final int CONNECTION_NOT_SIGNED = -313;

  public static final int STREAM_RESET = -400;
  public static final int STREAM_SEND_AFTER_FINISH = -401;
  public static final int STREAM_MAX_DATA = -402;
  public static final int STREAM_INVALID = -403;
  public static final int STREAM_STOPPED = -404;

  private NativeStatus() {}
}
