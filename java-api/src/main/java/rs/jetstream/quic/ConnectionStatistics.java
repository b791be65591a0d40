package rs.jetstream.quic;

import java.time.Duration;
import rs.jetstream.ffi.NativeConnection;

/**
 * Numbers of a connection at one moment; those that only grow count since its start.
 *
 * @param number of the connection within its endpoint, as in {@link EndpointEvent}s
 * @param handshakeTime from the first packet to the end of the handshake
 * @param latestRtt the last measured round trip
 * @param smoothedRtt the estimate that is used (RFC 9002 section 5.3)
 * @param minRtt the shortest round trip of some time
 * @param rttVariance how far round trips are from the estimate
 * @param congestionWindow bytes that may be under way
 * @param bytesInFlight bytes that are under way
 * @param congestionEvents times that the window was reduced
 * @param mtu largest UDP payload that is sent
 * @param ecn whether explicit congestion notification was found to work on the path
 * @param datagramsSent datagrams of UDP
 * @param datagramsReceived datagrams of UDP
 * @param bytesSent payload of UDP
 * @param bytesReceived payload of UDP
 * @param packetsSent QUIC packets, of which a datagram can have several
 * @param packetsReceived QUIC packets
 * @param packetsLost packets that were declared lost, whose data is sent again
 * @param probesSent packets that were sent because acknowledgements stayed away (RFC 9002 section
 *     6.2)
 * @param bytesLost bytes of those
 * @param streamBytesSent data of streams that the peer has acknowledged
 * @param streamBytesReceived data of streams that has arrived
 * @param sendBuffered bytes that are kept until the peer acknowledges them
 * @param streams streams that are open here
 * @param streamsTotal streams that were opened or accepted here
 * @param pathChanges times that the peer's address changed
 */
public record ConnectionStatistics(
    long number,
    Duration handshakeTime,
    Duration latestRtt,
    Duration smoothedRtt,
    Duration minRtt,
    Duration rttVariance,
    long congestionWindow,
    long bytesInFlight,
    long congestionEvents,
    int mtu,
    boolean ecn,
    long datagramsSent,
    long datagramsReceived,
    long bytesSent,
    long bytesReceived,
    long packetsSent,
    long packetsReceived,
    long packetsLost,
    long probesSent,
    long bytesLost,
    long streamBytesSent,
    long streamBytesReceived,
    long sendBuffered,
    long streams,
    long streamsTotal,
    long pathChanges) {

  static ConnectionStatistics of(NativeConnection.Stats it) {
    return new ConnectionStatistics(
        it.connection(),
        Duration.ofNanos(it.handshake()),
        Duration.ofNanos(it.latestRtt()),
        Duration.ofNanos(it.smoothedRtt()),
        Duration.ofNanos(it.minRtt()),
        Duration.ofNanos(it.rttVariance()),
        it.congestionWindow(),
        it.bytesInFlight(),
        it.congestionEvents(),
        (int) it.mtu(),
        it.ecn() == 2,
        it.datagramsSent(),
        it.datagramsReceived(),
        it.bytesSent(),
        it.bytesReceived(),
        it.packetsSent(),
        it.packetsReceived(),
        it.packetsLost(),
        it.probesSent(),
        it.bytesLost(),
        it.streamBytesSent(),
        it.streamBytesReceived(),
        it.sendBuffered(),
        it.streams(),
        it.streamsEver(),
        it.pathChanges());
  }
}
