package rs.jetstream.quic;

import java.io.OutputStream;
import java.nio.channels.WritableByteChannel;

final class SendStreamImpl extends AbstractStream implements SendStream {
  SendStreamImpl(QuicConnection connection) {
    super(connection);
  }

  @Override
  public OutputStream outputStream() {
    return new StreamOutput(this);
  }

  @Override
  public WritableByteChannel writableChannel() {
    return new StreamChannel(this, null);
  }

  @Override
  public String toString() {
    return "SendStream[" + id() + "]";
  }
}
