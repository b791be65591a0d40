package rs.jetstream.quic;

/**
 * When a connection sends packets only to keep itself alive, {@link QuicSettings#keepAlivePeriod()}
 * apart: {@link QuicSettings#keepAlive()}.
 */
public enum KeepAlive {
  /** Only where {@link QuicConnection#keepAlive(boolean)} asks for it. */
  NEVER,
  /**
   * While a call waits on a stream, on connections that this side began: a server that is gone is
   * found out soon. A connection on which nobody waits costs nothing, and may time out. On
   * connections that this side accepted, as {@link #NEVER}: they are their clients' to keep.
   */
  WHILE_WAITING,
  /** From the start to the end of each connection. */
  ALWAYS
}
