package rs.jetstream.quic;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

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
    if (!closed) {
      closed = true;
      stream.finish();
    }
  }
}
