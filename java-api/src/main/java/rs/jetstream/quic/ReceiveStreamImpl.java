package rs.jetstream.quic;

import java.io.InputStream;
import java.nio.channels.ReadableByteChannel;

final class ReceiveStreamImpl extends AbstractStream implements ReceiveStream {
  ReceiveStreamImpl(QuicConnection connection) {
    super(connection);
  }

  @Override
  public InputStream inputStream() {
    return new StreamInput(this);
  }

  @Override
  public ReadableByteChannel readableChannel() {
    return new StreamChannel(null, this);
  }

  @Override
  public String toString() {
    return "ReceiveStream[" + id() + "]";
  }
}
