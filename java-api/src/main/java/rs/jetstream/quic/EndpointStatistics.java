package rs.jetstream.quic;

/**
 * Numbers of an endpoint at one moment.
 *
 * @param connections now, handshakes under way included
 * @param handshakesFailed since the start
 * @param refusedByLimit attempts refused because {@link QuicSettings#maxConnections()} was reached
 * @param retries attempts answered with a Retry (RFC 9000 section 8.1.2)
 * @param socketReceiveBuffer bytes that the kernel granted
 * @param socketSendBuffer bytes that the kernel granted
 */
public record EndpointStatistics(
    long connections,
    long handshakesFailed,
    long refusedByLimit,
    long retries,
    long socketReceiveBuffer,
    long socketSendBuffer) {}
