package rs.jetstream.quic;

/**
 * Names for {@link QuicSettings.Builder#securityPolicy}: policies of s2n-tls by their date, which
 * no update changes. What each offers on the wire is kept by a test. In QUIC all are TLS 1.3 alone,
 * with its three AES-GCM and ChaCha20-Poly1305 suites.
 */
public final class SecurityPolicies {
  /**
   * The default: hybrids of ML-KEM with X25519, P-256 and P-384 first, which a recording that is
   * broken by a quantum computer later does not give away; then the classic groups. Certificates
   * with ECDSA, RSA-PSS or ML-DSA. A client's first message takes two packets.
   */
  public static final String POST_QUANTUM = "20250721";

  /** The classic groups alone, ECDSA and RSA-PSS: a client's first message fits into one packet. */
  public static final String CLASSIC = "20240503";

  private SecurityPolicies() {}
}
