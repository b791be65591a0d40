package rs.jetstream.quic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import org.jspecify.annotations.Nullable;

/**
 * One direction or both as a channel of the JDK; its close finishes the one and stops the other.
 */
final class StreamChannel implements ByteChannel {
  private final @Nullable SendStream sender;
  private final @Nullable ReceiveStream receiver;
  private boolean ended;
  private volatile boolean closed;

  StreamChannel(@Nullable SendStream sender, @Nullable ReceiveStream receiver) {
    this.sender = sender;
    this.receiver = receiver;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (receiver == null) {
      throw new NonReadableChannelException();
    }
    requireOpen();
    if (!target.hasRemaining()) {
      return 0;
    }
    int count = receiver.receive(target);
    ended |= count < 0;
    return count;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    if (sender == null) {
      throw new NonWritableChannelException();
    }
    requireOpen();
    int count = source.remaining();
    sender.send(source);
    return count;
  }

  private void requireOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (sender != null && !sender.isClosed()) {
        sender.finish();
      }
    } finally {
      if (receiver != null && !ended && !receiver.isClosed()) {
        receiver.stopSending(0);
      }
    }
  }
}
