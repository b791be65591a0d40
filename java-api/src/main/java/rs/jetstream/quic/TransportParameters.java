package rs.jetstream.quic;

import java.time.Duration;
import rs.jetstream.ffi.NativeParameters;

/**
 * What a peer announced in its handshake (RFC 9000 section 18.2), by the names of that section: the
 * limits that it puts on this side when a connection begins.
 *
 * <p>Its window for the whole connection, {@code initial_max_data}, is not among them: s2n-quic
 * does not tell it.
 *
 * @param maxIdleTimeout after which the peer gives a silent connection up; zero: never
 * @param maxUdpPayloadSize bytes of the largest UDP payload that it takes
 * @param initialMaxStreamDataBidiLocal bytes that may be under way on a bidirectional stream that
 *     the peer opens
 * @param initialMaxStreamDataBidiRemote the same for one that this side opens
 * @param initialMaxStreamDataUni the same for a unidirectional one that this side opens
 * @param initialMaxStreamsBidi bidirectional streams that this side may have open
 * @param initialMaxStreamsUni the same for unidirectional ones
 * @param maxAckDelay how long it may hold an acknowledgement back
 * @param activeConnectionIdLimit connection ids that it keeps
 * @param disableActiveMigration whether it forbids that this side moves to another address
 * @param maxDatagramFrameSize bytes of the largest datagram frame that it takes; 0: none (RFC 9221)
 */
public record TransportParameters(
    Duration maxIdleTimeout,
    long maxUdpPayloadSize,
    long initialMaxStreamDataBidiLocal,
    long initialMaxStreamDataBidiRemote,
    long initialMaxStreamDataUni,
    long initialMaxStreamsBidi,
    long initialMaxStreamsUni,
    Duration maxAckDelay,
    long activeConnectionIdLimit,
    boolean disableActiveMigration,
    long maxDatagramFrameSize) {
  static TransportParameters of(NativeParameters it) {
    return new TransportParameters(
        Duration.ofMillis(it.maxIdleTimeout()),
        it.maxUdpPayloadSize(),
        it.initialMaxStreamDataBidiLocal(),
        it.initialMaxStreamDataBidiRemote(),
        it.initialMaxStreamDataUni(),
        it.initialMaxStreamsBidi(),
        it.initialMaxStreamsUni(),
        Duration.ofMillis(it.maxAckDelay()),
        it.activeConnectionIdLimit(),
        it.disableActiveMigration(),
        it.maxDatagramFrameSize());
  }
}
