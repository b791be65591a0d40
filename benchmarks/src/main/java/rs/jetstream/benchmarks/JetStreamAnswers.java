package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.quic.RequestHandler;

/** What this library's server answers. */
final class JetStreamAnswers {
  private static final ValueLayout.OfLong BIG_ENDIAN =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Bulk bulk;
  private final Calls calls;

  JetStreamAnswers(Bulk bulk, Calls calls) {
    this.bulk = bulk;
    this.calls = calls;
  }

  void accept(QuicServer server) {
    try {
      while (true) {
        QuicConnection connection = server.accept();
        Thread.startVirtualThread(() -> serve(connection));
      }
    } catch (IOException | IllegalStateException e) {
      // The server is closed.
    }
  }

  private void serve(QuicConnection connection) {
    try (connection) {
      if (calls == Calls.INLINE) {
        connection.exchanges().answer(JetStreamAnswers::answerInline);
      }
      while (true) {
        BidirectionalStream stream = connection.acceptBidirectional();
        Thread.startVirtualThread(() -> answer(stream));
      }
    } catch (IOException e) {
      // The client sees it.
    }
  }

  private static long answerInline(
      QuicConnection connection, MemorySegment request, MemorySegment answer) {
    long size = request.byteSize();
    if (size == 0 || request.get(ValueLayout.JAVA_BYTE, 0) != Protocol.ECHO) {
      return RequestHandler.DECLINE;
    }
    MemorySegment.copy(request, 0, answer, 0, size);
    return size;
  }

  private void answer(BidirectionalStream stream) {
    MemorySegment buffer = Buffers.take();
    try (stream) {
      long first = stream.receive(buffer);
      switch (first < 1 ? 0 : buffer.get(ValueLayout.JAVA_BYTE, 0)) {
        case Protocol.ECHO -> echo(stream, buffer, first);
        case Protocol.DOWNLOAD -> download(stream, buffer, first);
        case Protocol.UPLOAD -> {
          long received = first - 1 + bulk.receive(stream);
          buffer.set(BIG_ENDIAN, 0, received);
          stream.sendAndFinish(buffer.asSlice(0, Long.BYTES));
        }
        default -> refuse(stream);
      }
    } catch (IOException e) {
      // The client sees it.
    } finally {
      Buffers.give(buffer);
    }
  }

  private static void echo(BidirectionalStream stream, MemorySegment buffer, long first)
      throws IOException {
    stream.send(buffer.asSlice(0, first));
    if (first < buffer.byteSize()) {
      copy(stream, buffer);
      return;
    }
    MemorySegment large = Buffers.takeLarge();
    try {
      copy(stream, large);
    } finally {
      Buffers.give(large);
    }
  }

  private static void copy(BidirectionalStream stream, MemorySegment buffer) throws IOException {
    for (long count; (count = stream.receive(buffer)) >= 0; ) {
      stream.send(buffer.asSlice(0, count));
    }
    stream.finish();
  }

  private void download(BidirectionalStream stream, MemorySegment buffer, long first)
      throws IOException {
    long length = first;
    for (long count; (count = stream.receive(buffer.asSlice(length))) >= 0; ) {
      length += count;
      if (length > Protocol.REQUEST) {
        break;
      }
    }
    if (length != Protocol.REQUEST) {
      refuse(stream);
      return;
    }
    bulk.send(stream, buffer.get(BIG_ENDIAN, 1));
  }

  private static void refuse(BidirectionalStream stream) throws IOException {
    stream.stopSending(Protocol.MALFORMED);
    stream.reset(Protocol.MALFORMED);
  }
}
