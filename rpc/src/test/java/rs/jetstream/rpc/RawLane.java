package rs.jetstream.rpc;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
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

/**
 * A lane by hand: what goes over it is what the test says. Public for the tests of other modules.
 */
public final class RawLane implements AutoCloseable {
  /** What the handshake says that this end takes. */
  public static final int MAX_FRAME = 1 << 16;

  private static final Duration SOON = Duration.ofSeconds(20);

  public final BidirectionalStream stream;
  private final FrameReader reader;
  private StreamException stopped;

  public RawLane(BidirectionalStream stream) {
    this.stream = stream;
    stream.timeout(SOON);
    reader = new FrameReader(stream, Frames.HEADER, FrameReader.HARD_LIMIT);
  }

  public static <T> byte[] frame(int type, int tag, Codec<T> codec, T payload) {
    WireWriter out = WireWriter.growing(FrameReader.HARD_LIMIT);
    try {
      Frames.write(out, type, tag, codec, payload);
    } catch (WireFormatException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  public static <A> byte[] request(RpcMethod<A, ?> method, int tag, A arguments) {
    return frame(method.requestId(), tag, method.arguments(), arguments);
  }

  public static <R> byte[] response(RpcMethod<?, R> method, int tag, R result) {
    return frame(method.responseId(), tag, method.result(), result);
  }

  public static byte[] version(int type, int tag, long maxFrame, String version) {
    return frame(type, tag, VersionMessage.CODEC, new VersionMessage(maxFrame, version));
  }

  public void send(byte[]... parts) throws IOException {
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
  public byte[] next() throws IOException {
    MemorySegment frame = reader.next();
    return frame == null ? new byte[0] : frame.toArray(JAVA_BYTE);
  }

  public String nextHex() throws IOException {
    return HexFormat.of().formatHex(next());
  }

  public static int type(byte[] frame) {
    return Frames.type(MemorySegment.ofArray(frame));
  }

  public static int tag(byte[] frame) {
    return Frames.tag(MemorySegment.ofArray(frame));
  }

  public static <T> T payload(byte[] frame, Codec<T> codec) throws WireFormatException {
    return Frames.read(MemorySegment.ofArray(frame), codec);
  }

  /** As a client: agrees on {@code version}. */
  public RawLane handshake(String version) throws IOException {
    send(version(MessageType.VERSION_REQUEST, 1, MAX_FRAME, version));
    assertThat(next()).isEqualTo(version(MessageType.VERSION_RESPONSE, 1, MAX_FRAME, version));
    return this;
  }

  /** As a server: agrees on whichever version is asked for. */
  public RawLane agree() throws IOException {
    byte[] asked = next();
    assertThat(type(asked)).isEqualTo(MessageType.VERSION_REQUEST);
    String version = payload(asked, VersionMessage.CODEC).version();
    send(version(MessageType.VERSION_RESPONSE, tag(asked), MAX_FRAME, version));
    return this;
  }

  /** Sends {@code bytes} and the end; gives {@code type/tag} of each answer, sorted. */
  public List<String> answersTo(byte[] bytes) throws IOException {
    try {
      stream.sendAndFinish(bytes);
    } catch (StreamException e) {
      // The other end wants no more of it, and says why in what it answers.
    }
    List<String> answers = new ArrayList<>();
    for (byte[] frame = next(); frame.length > 0; frame = next()) {
      answers.add(type(frame) + "/" + tag(frame));
    }
    Collections.sort(answers);
    return answers;
  }

  /** The other side has ended its direction and reads no more of this one. */
  public void assertEndedAndStopped() throws IOException {
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
