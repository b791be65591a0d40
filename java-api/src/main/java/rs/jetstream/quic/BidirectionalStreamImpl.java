package rs.jetstream.quic;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

final class BidirectionalStreamImpl extends AbstractStream implements BidirectionalStream {
  BidirectionalStreamImpl(QuicConnection connection) {
    super(connection);
  }

  @Override
  public OutputStream outputStream() {
    return new StreamOutput(this);
  }

  @Override
  public InputStream inputStream() {
    return new StreamInput(this);
  }

  @Override
  public WritableByteChannel writableChannel() {
    return new StreamChannel(this, null);
  }

  @Override
  public ReadableByteChannel readableChannel() {
    return new StreamChannel(null, this);
  }

  @Override
  public ByteChannel channel() {
    return new StreamChannel(this, this);
  }

  @Override
  public String toString() {
    return "BidirectionalStream[" + id() + "]";
  }
}
