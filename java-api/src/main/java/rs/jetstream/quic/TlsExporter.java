package rs.jetstream.quic;

import java.nio.charset.StandardCharsets;

/**
 * A key that each connection derives from its TLS session (RFC 8446 section 7.5): both sides get
 * the same, nobody else does. It binds what is said above to this connection, as tokens do.
 *
 * <p>Declared before connections are made, because the session gives it at the end of the handshake
 * only; read by {@link QuicConnection#exportedKey}. Immutable; any thread.
 */
public final class TlsExporter {
  private final String label;
  private final byte[] context;
  private final int length;

  /**
   * A key of {@code length} bytes.
   *
   * @param label what it is for, from the registry of RFC 8446 or beginning with {@code
   *     EXPERIMENTAL}; 1 to 249 bytes
   * @param context more of what it is for; may be empty
   * @param length 1 to 255
   */
  public TlsExporter(String label, byte[] context, int length) {
    int bytes = label.getBytes(StandardCharsets.UTF_8).length;
    // "tls13 " goes in front, and all of it has 255 bytes at most (RFC 8446 section 7.1).
    if (bytes < 1 || bytes > 249) {
      throw new IllegalArgumentException("label has " + bytes + " bytes, must have 1 to 249");
    }
    if (length < 1 || length > 255) {
      throw new IllegalArgumentException("length is " + length + ", must be from 1 to 255");
    }
    this.label = label;
    this.context = context.clone();
    this.length = length;
  }

  /** With an empty context. */
  public TlsExporter(String label, int length) {
    this(label, new byte[0], length);
  }

  /** What it is for. */
  public String label() {
    return label;
  }

  byte[] context() {
    return context;
  }

  /** Its length in bytes. */
  public int length() {
    return length;
  }

  @Override
  public String toString() {
    return "TlsExporter[" + Failures.printable(label) + ", " + length + " bytes]";
  }
}
