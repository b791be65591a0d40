package rs.jetstream.quic;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A receiving direction as a stream of the JDK: unbuffered, and stopped by its close unless it has
 * ended.
 */
final class StreamInput extends InputStream {
  private final ReceiveStream stream;
  private boolean ended;
  private boolean closed;

  StreamInput(ReceiveStream stream) {
    this.stream = stream;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (closed) {
      throw new IOException("read on stream " + stream.id() + ": the input stream is closed");
    }
    if (length == 0) {
      return 0;
    }
    int count = (int) stream.receive(MemorySegment.ofArray(bytes).asSlice(offset, length));
    ended |= count < 0;
    return count;
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      if (!ended && !stream.isClosed()) {
        stream.stopSending(0);
      }
    }
  }
}
