package rs.jetstream.interop;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.FrameReader;
import rs.jetstream.quic.StreamException;
import rs.jetstream.rpc.RpcMethod;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.Frames;
import rs.jetstream.wire.MessageType;
import rs.jetstream.wire.VersionMessage;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireWriter;

/** A lane of service {@code peer} by hand: what goes over it is what the test says. */
final class RawLane implements AutoCloseable {
  /** What the handshake says that this end takes. */
  static final int MAX_FRAME = 1 << 16;

  private static final Duration SOON = Duration.ofSeconds(20);

  final BidirectionalStream stream;
  private final FrameReader reader;

  RawLane(BidirectionalStream stream) {
    this.stream = stream;
    stream.timeout(SOON);
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

  void send(byte[] bytes) throws IOException {
    stream.send(bytes);
  }

  /** The next frame, or null at the clean end. */
  byte @Nullable [] next() throws IOException {
    MemorySegment frame = reader.next();
    return frame == null ? null : frame.toArray(JAVA_BYTE);
  }

  /** The next frame, which must come. */
  byte[] request() throws IOException {
    byte[] frame = next();
    if (frame == null) {
      throw new AssertionError("the lane has ended");
    }
    return frame;
  }

  static int tag(byte[] frame) {
    return Frames.tag(MemorySegment.ofArray(frame));
  }

  /** As a client: agrees on the version. */
  RawLane handshake() throws IOException {
    VersionMessage version = new VersionMessage(MAX_FRAME, PeerService.DESCRIPTOR.version().text());
    send(frame(MessageType.VERSION_REQUEST, 1, VersionMessage.CODEC, version));
    byte[] answer = frame(MessageType.VERSION_RESPONSE, 1, VersionMessage.CODEC, version);
    if (!java.util.Arrays.equals(answer, next())) {
      throw new AssertionError("not the version that was asked for");
    }
    return this;
  }

  /** As a server: agrees on whatever is asked for. */
  RawLane agree() throws IOException {
    byte[] version = request();
    version[4] = MessageType.VERSION_RESPONSE;
    send(version);
    return this;
  }

  /** Sends {@code bytes} and the end; gives {@code type/tag} of each answer, sorted. */
  List<String> answersTo(byte[] bytes) throws IOException {
    try {
      stream.sendAndFinish(bytes);
    } catch (StreamException e) {
      // The other end wants no more of it, and says why in what it answers.
    }
    List<String> answers = new ArrayList<>();
    for (byte[] frame; (frame = next()) != null; ) {
      answers.add(Frames.type(MemorySegment.ofArray(frame)) + "/" + tag(frame));
    }
    Collections.sort(answers);
    return answers;
  }

  @Override
  public void close() {
    reader.close();
    stream.close();
  }
}
