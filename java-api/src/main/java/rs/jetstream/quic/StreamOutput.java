package rs.jetstream.quic;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import rs.jetstream.quic.JetStreamException.Kind;

/** A sending direction as a stream of the JDK: unbuffered, and finished by its close. */
final class StreamOutput extends OutputStream {
  private final SendStream stream;
  private boolean closed;

  StreamOutput(SendStream stream) {
    this.stream = stream;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (closed) {
      throw new IOException("write on stream " + stream.id() + ": the output stream is closed");
    }
    stream.send(MemorySegment.ofArray(bytes).asSlice(offset, length));
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    if (stream.isClosed()) {
      // Without the end being sent: whoever relies on this close must hear of it.
      throw new StreamException(
          "finish stream " + stream.id() + " failed: the stream was closed, and so reset, before",
          Kind.CLOSED_LOCALLY);
    }
    stream.finish();
  }
}
