package rs.jetstream.quic;

import java.util.Map;

/**
 * Numbers of an endpoint at one moment; those that only grow count since its start.
 *
 * @param connections now, handshakes under way included
 * @param established connections whose handshake was done
 * @param handshakesFailed handshakes that were refused for their TLS
 * @param handshakesRefused the same by cause; each cause is there
 * @param retries datagrams of attempts answered with a Retry (RFC 9000 section 8.1.2)
 * @param refused attempts that were not let in, by cause
 * @param statelessResets packets of connections that this process does not know, answered so
 * @param datagramsSent datagrams of UDP
 * @param datagramsReceived datagrams of UDP
 * @param bytesSent payload of UDP
 * @param bytesReceived payload of UDP
 * @param datagramsDropped datagrams that belong to no connection, or break the protocol
 * @param packetsLost packets that were declared lost
 * @param sendBuffered bytes that are kept until peers acknowledge them, now
 * @param eventsDropped events that came faster than listeners took them
 * @param qlogDropped records of qlog that came faster than they were written
 * @param socketReceiveBuffer bytes that the kernel granted
 * @param socketSendBuffer bytes that the kernel granted
 */
public record EndpointStatistics(
    long connections,
    long established,
    long handshakesFailed,
    Map<RefusedHandshake.Cause, Long> handshakesRefused,
    long retries,
    Refused refused,
    long statelessResets,
    long datagramsSent,
    long datagramsReceived,
    long bytesSent,
    long bytesReceived,
    long datagramsDropped,
    long packetsLost,
    long sendBuffered,
    long eventsDropped,
    long qlogDropped,
    long socketReceiveBuffer,
    long socketSendBuffer) {

  /** Copies the map. */
  public EndpointStatistics {
    handshakesRefused = Map.copyOf(handshakesRefused);
  }

  /**
   * Datagrams of attempts to connect that a server did not let in, by the limit of {@link
   * ServerLimits} that was reached; an attempt has one or two.
   *
   * @param connections {@link ServerLimits#maxConnections()}
   * @param connectionsPerSource {@link ServerLimits#maxConnectionsPerSource()}
   * @param handshakes {@link ServerLimits#maxHandshakes()}
   * @param unaccepted {@link ServerLimits#maxUnaccepted()}
   * @param rate {@link ServerLimits#connectionsPerSecond()}
   * @param ratePerSource {@link ServerLimits#connectionsPerSecondPerSource()}
   * @param nativeBytes {@link ServerLimits#maxNativeBytes()}
   * @param address {@link QuicServer#deny}
   * @param token the token of a Retry that was forged, too old, of another address, or used before
   * @param draining {@link QuicServer#shutdown}
   */
  public record Refused(
      long connections,
      long connectionsPerSource,
      long handshakes,
      long unaccepted,
      long rate,
      long ratePerSource,
      long nativeBytes,
      long address,
      long token,
      long draining) {

    /** All of them. */
    public long total() {
      return connections
          + connectionsPerSource
          + handshakes
          + unaccepted
          + rate
          + ratePerSource
          + nativeBytes
          + address
          + token
          + draining;
    }
  }
}
