package rs.jetstream.benchmarks;

import static rs.jetstream.benchmarks.Protocol.require;
import static rs.jetstream.benchmarks.Protocol.requireCount;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.time.Duration;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;

/** The workloads on one connection of this library. */
final class JetStreamWorkloads implements Workloads {
  private static final ValueLayout.OfLong BIG_ENDIAN =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final QuicClient client;
  private final InetSocketAddress server;
  private final QuicConnection connection;
  private final Bulk bulk;
  private final Calls calls;

  JetStreamWorkloads(
      QuicClient client,
      InetSocketAddress server,
      QuicConnection connection,
      Bulk bulk,
      Calls calls) {
    this.client = client;
    this.server = server;
    this.connection = connection;
    this.bulk = bulk;
    this.calls = calls;
  }

  @Override
  public void down(long bytes) throws IOException {
    MemorySegment request = Buffers.take();
    request.set(ValueLayout.JAVA_BYTE, 0, Protocol.DOWNLOAD);
    request.set(BIG_ENDIAN, 1, bytes);
    try (BidirectionalStream stream =
        connection.openBidirectionalAndFinish(request.asSlice(0, Protocol.REQUEST))) {
      requireCount(bulk.receive(stream), bytes);
    } finally {
      Buffers.give(request);
    }
  }

  @Override
  public void up(long bytes) throws IOException {
    MemorySegment buffer = Buffers.take();
    try (BidirectionalStream stream = connection.openBidirectional()) {
      buffer.set(ValueLayout.JAVA_BYTE, 0, Protocol.UPLOAD);
      stream.send(buffer.asSlice(0, 1));
      bulk.send(stream, bytes);
      long length = 0;
      for (long count; (count = stream.receive(buffer.asSlice(length))) >= 0; ) {
        length += count;
      }
      require(length == Long.BYTES, "the count has " + length + " bytes");
      requireCount(buffer.get(BIG_ENDIAN, 0), bytes);
    } finally {
      Buffers.give(buffer);
    }
  }

  @Override
  public void calls(Latencies latencies, int inFlight) throws Exception {
    if (calls == Calls.INLINE) {
      InlineCaller.run(latencies, inFlight, connection.exchanges());
      return;
    }
    Callers.run(
        latencies,
        inFlight,
        caller -> {
          MemorySegment request = Buffers.take().asSlice(0, Protocol.CALL_SIZE);
          MemorySegment answer = Buffers.take();
          request.copyFrom(MemorySegment.ofArray(Protocol.call()));
          return calls == Calls.REQUEST ? () -> request(request) : () -> call(request, answer);
        });
  }

  private void request(MemorySegment request) throws IOException {
    byte[] answer = connection.exchanges().request(request, PATIENCE);
    require(
        MemorySegment.ofArray(answer).mismatch(request) < 0, "the answer differs from the call");
  }

  private void call(MemorySegment request, MemorySegment answer) throws IOException {
    try (BidirectionalStream stream = connection.openBidirectionalAndFinish(request)) {
      long length = 0;
      for (long count; (count = stream.receive(answer.asSlice(length))) >= 0; ) {
        length += count;
      }
      require(
          length == request.byteSize() && answer.asSlice(0, length).mismatch(request) < 0,
          "the answer differs from the call");
    }
  }

  @Override
  public void connections(Latencies latencies, int atOnce) throws Exception {
    Callers.run(
        latencies, atOnce, caller -> () -> client.connect(server, "localhost", null).close());
  }

  @Override
  public void close() {
    client.close();
  }
}
