package rs.jetstream.quic;

/** Whether a server asks its clients for a certificate. */
// r[impl security.1.17]
public enum ClientAuthentication {
  /** It does not ask. */
  NONE(0),
  /** It asks, and lets clients without one in. One that is not trusted is refused. */
  OPTIONAL(1),
  /** Only clients with a certificate of a trusted issuer get in: mutual TLS. The default. */
  REQUIRED(2);

  private final int code;

  ClientAuthentication(int code) {
    this.code = code;
  }

  /** As the native half writes it. */
  int code() {
    return code;
  }
}
