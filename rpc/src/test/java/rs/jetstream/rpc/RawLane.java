package rs.jetstream.rpc;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.FrameReader;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.StreamException;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.Frames;
import rs.jetstream.wire.MessageType;
import rs.jetstream.wire.VersionMessage;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireWriter;

/** A lane by hand: what goes over it is what the test says. */
final class RawLane implements AutoCloseable {
  final BidirectionalStream stream;
  private final FrameReader reader;
  private StreamException stopped;

  RawLane(BidirectionalStream stream) {
    this.stream = stream;
    stream.timeout(Ends.SOON);
    reader = new FrameReader(stream, Frames.HEADER, FrameReader.HARD_LIMIT);
  }

  static <T> byte[] frame(int type, int tag, Codec<T> codec, T payload) {
    WireWriter out = WireWriter.growing(FrameReader.HARD_LIMIT);
    try {
      Frames.write(out, type, tag, codec, payload);
    } catch (WireFormatException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  static <A> byte[] request(RpcMethod<A, ?> method, int tag, A arguments) {
    return frame(method.requestId(), tag, method.arguments(), arguments);
  }

  static <R> byte[] response(RpcMethod<?, R> method, int tag, R result) {
    return frame(method.responseId(), tag, method.result(), result);
  }

  static byte[] version(int type, int tag, long maxFrame, String version) {
    return frame(type, tag, VersionMessage.CODEC, new VersionMessage(maxFrame, version));
  }

  void send(byte[]... parts) throws IOException {
    for (byte[] part : parts) {
      try {
        stream.send(part);
      } catch (StreamException e) {
        if (stopped == null) {
          stopped = e; // the stream tells it once
        }
        throw e;
      }
    }
  }

  /** The next frame, or an empty array at the clean end. */
  byte[] next() throws IOException {
    MemorySegment frame = reader.next();
    return frame == null ? new byte[0] : frame.toArray(JAVA_BYTE);
  }

  String nextHex() throws IOException {
    return HexFormat.of().formatHex(next());
  }

  static int type(byte[] frame) {
    return Frames.type(MemorySegment.ofArray(frame));
  }

  static int tag(byte[] frame) {
    return Frames.tag(MemorySegment.ofArray(frame));
  }

  static <T> T payload(byte[] frame, Codec<T> codec) throws WireFormatException {
    return Frames.read(MemorySegment.ofArray(frame), codec);
  }

  /** As a client: agrees on the version. */
  RawLane handshake() throws IOException {
    send(version(MessageType.VERSION_REQUEST, 1, 1 << 16, Interop.VERSION));
    assertThat(next())
        .isEqualTo(version(MessageType.VERSION_RESPONSE, 1, 1 << 16, Interop.VERSION));
    return this;
  }

  /** As a server: agrees on the version. */
  RawLane agree() throws IOException {
    byte[] asked = next();
    assertThat(type(asked)).isEqualTo(MessageType.VERSION_REQUEST);
    send(version(MessageType.VERSION_RESPONSE, tag(asked), 1 << 16, Interop.VERSION));
    return this;
  }

  /** The other side has ended its direction and reads no more of this one. */
  void assertEndedAndStopped() throws IOException {
    assertThat(next()).isEmpty();
    byte[] more = new byte[100];
    while (stopped == null) {
      try {
        send(more); // the first one after the request's arrival fails
      } catch (StreamException e) {
        assertThat(e).isSameAs(stopped);
      }
    }
    assertThat(stopped.kind()).isEqualTo(Kind.STREAM_RESET);
    assertThat(stopped.code()).isZero();
  }

  @Override
  public void close() {
    reader.close();
    stream.close();
  }
}
