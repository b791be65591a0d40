package rs.jetstream.quic;

/** What decides how much a connection has under way: {@link QuicSettings#congestionControl()}. */
public enum CongestionControl {
  /** CUBIC (RFC 9438): by losses. Fair to what most of the Internet uses. */
  CUBIC(0),
  /**
   * BBR, version 2: by the bandwidth and round trip that it measures. Faster on ways that lose
   * packets without being full.
   */
  BBR(1);

  private final int code;

  CongestionControl(int code) {
    this.code = code;
  }

  /** As the native half writes it. */
  int code() {
    return code;
  }
}
