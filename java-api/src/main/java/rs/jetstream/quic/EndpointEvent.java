package rs.jetstream.quic;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Something that happened on an endpoint, after it happened.
 *
 * <p>{@code connection} is the number of {@link ConnectionStatistics#number()}; {@code peer} is the
 * peer's address at that moment.
 */
public sealed interface EndpointEvent {
  /** The address of the peer at that moment. */
  InetSocketAddress peer();

  /**
   * A handshake is done.
   *
   * @param connection number of the connection
   * @param peer where the peer is
   * @param handshakeTime since its first packet
   */
  record Opened(long connection, InetSocketAddress peer, Duration handshakeTime)
      implements EndpointEvent {}

  /**
   * A connection has ended.
   *
   * @param connection number of the connection
   * @param peer where the peer was
   * @param reason which timeout, or that it was closed, by which side and code
   * @param age since its first packet
   */
  record Closed(long connection, InetSocketAddress peer, JetStreamException reason, Duration age)
      implements EndpointEvent {}

  /**
   * A handshake did not come to its end.
   *
   * @param peer the claimed address of the peer
   * @param reason why
   * @param cause why this side refused the peer, where {@code reason} is PEER_NOT_TRUSTED; else
   *     empty
   * @param age since its first packet
   */
  record HandshakeFailed(
      InetSocketAddress peer,
      JetStreamException reason,
      Optional<RefusedHandshake.Cause> cause,
      Duration age)
      implements EndpointEvent {}

  /**
   * An attempt to connect was not let in.
   *
   * @param peer the claimed address of the peer
   * @param limit the name of the count in {@link EndpointStatistics.Refused} that went up
   */
  record Refused(InetSocketAddress peer, String limit) implements EndpointEvent {}

  /**
   * The peer's address has changed.
   *
   * @param connection number of the connection
   * @param peer where the peer is now
   */
  record PathChanged(long connection, InetSocketAddress peer) implements EndpointEvent {}

  /**
   * Many packets were lost within one round trip.
   *
   * @param connection number of the connection
   * @param peer where the peer is
   * @param packets how many, when it was told
   */
  record LossBurst(long connection, InetSocketAddress peer, long packets)
      implements EndpointEvent {}
}
