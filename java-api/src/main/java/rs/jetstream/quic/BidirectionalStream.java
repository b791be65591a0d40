package rs.jetstream.quic;

import java.nio.channels.ByteChannel;

/** A stream that both sides send on; its directions end independently. */
public sealed interface BidirectionalStream extends SendStream, ReceiveStream
    permits BidirectionalStreamImpl {
  /**
   * A view of both directions as a channel; its {@code close} finishes the one and stops the other.
   */
  ByteChannel channel();
}
