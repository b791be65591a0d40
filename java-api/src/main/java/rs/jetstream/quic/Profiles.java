package rs.jetstream.quic;

/** Settings for kinds of networks; what they are for is said in {@link QuicSettings}. */
final class Profiles {
  private static final long MIB = 1 << 20;

  private Profiles() {}

  static QuicSettings.Builder lan() {
    return QuicSettings.builder()
        .maxMtu(9000)
        .connectionWindow(6 * MIB)
        .streamWindow(8 * MIB)
        .sendBuffer((int) (6 * MIB))
        .maxSendBuffered(32 * MIB)
        .socketReceiveBuffer((int) (8 * MIB))
        .socketSendBuffer((int) (8 * MIB));
  }

  static QuicSettings.Builder wan() {
    return QuicSettings.builder()
        .connectionWindow(16 * MIB)
        .streamWindow(22 * MIB)
        .sendBuffer((int) (16 * MIB))
        .maxSendBuffered(32 * MIB)
        .socketReceiveBuffer((int) (8 * MIB))
        .socketSendBuffer((int) (8 * MIB));
  }

  static QuicSettings.Builder lowMemory() {
    return QuicSettings.builder()
        .connectionWindow(MIB / 4)
        .streamWindow(3 * MIB / 8)
        .sendBuffer((int) (MIB / 16))
        .maxClaim((int) (MIB / 16))
        .maxLeased(MIB)
        .maxClaimed(MIB)
        .maxSendBuffered(MIB / 2)
        .maxEndpointSendBuffered(64 * MIB)
        .maxRemoteBidirectionalStreams(100)
        .maxRemoteUnidirectionalStreams(100)
        .socketReceiveBuffer((int) MIB)
        .socketSendBuffer((int) MIB)
        .receiveRing((int) MIB);
  }
}
