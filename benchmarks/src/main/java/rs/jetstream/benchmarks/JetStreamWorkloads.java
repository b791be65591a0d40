package rs.jetstream.benchmarks;

import static rs.jetstream.benchmarks.Protocol.require;
import static rs.jetstream.benchmarks.Protocol.requireCount;
import static rs.jetstream.benchmarks.Protocol.requireSame;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.Exchanges;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;

/** The workloads on this library. */
final class JetStreamWorkloads implements Workloads {
  private static final ValueLayout.OfLong BIG_ENDIAN =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final QuicClient client;
  private final InetSocketAddress server;
  private final QuicConnection connection;
  private final Bulk bulk;
  private final Calls calls;
  private final List<QuicConnection> idle = new ArrayList<>();

  JetStreamWorkloads(QuicClient client, InetSocketAddress server, Bulk bulk, Calls calls)
      throws IOException {
    this.client = client;
    this.server = server;
    this.bulk = bulk;
    this.calls = calls;
    connection = open();
  }

  /** The driver of the benchmark may leave this side idle for longer than a connection lives. */
  @SuppressWarnings("MustBeClosedChecker") // closed with the client
  private QuicConnection open() throws IOException {
    QuicConnection it = client.connect(server, "localhost", null);
    it.keepAlive(true);
    return it;
  }

  @Override
  public void down(long bytes, int streams) throws Exception {
    Callers.all(Callers.shares(bytes, streams), this::down);
  }

  private void down(long bytes) throws IOException {
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
  public void up(long bytes, int streams) throws Exception {
    Callers.all(Callers.shares(bytes, streams), this::up);
  }

  private void up(long bytes) throws IOException {
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
  public void calls(Latencies latencies, int inFlight, int size) throws Exception {
    calls(latencies, inFlight, size, () -> connection);
  }

  private void calls(
      Latencies latencies, int inFlight, int size, Supplier<QuicConnection> connections)
      throws Exception {
    if (calls != Calls.STREAM && size > Exchanges.MAX_SIZE) {
      throw new Unsupported("a request has at most " + Exchanges.MAX_SIZE + " bytes");
    }
    MemorySegment request = Buffers.request(size);
    if (calls == Calls.INLINE) {
      InlineCaller.run(latencies, inFlight, request, () -> connections.get().exchanges());
      return;
    }
    Callers.run(
        latencies,
        inFlight,
        caller -> {
          if (calls == Calls.REQUEST) {
            return () -> request(connections.get(), request);
          }
          MemorySegment buffer = size <= Buffers.SIZE ? Buffers.take() : Buffers.takeLarge();
          return () -> call(connections.get(), request, buffer);
        });
  }

  private static void request(QuicConnection connection, MemorySegment request) throws IOException {
    byte[] answer = connection.exchanges().request(request, PATIENCE);
    requireSame(MemorySegment.ofArray(answer).mismatch(request) < 0);
  }

  private static void call(QuicConnection connection, MemorySegment request, MemorySegment buffer)
      throws Exception {
    if (!Protocol.isLong((int) request.byteSize())) {
      try (BidirectionalStream stream = connection.openBidirectionalAndFinish(request)) {
        receive(stream, request, buffer);
        require(stream.receive(buffer) < 0, "the answer is longer than the call");
      }
      return;
    }
    try (BidirectionalStream stream = connection.openBidirectional()) {
      Callers.both(() -> stream.sendAndFinish(request), () -> receive(stream, request, buffer));
    }
  }

  /** Receives an answer, which may come in pieces, and compares it. */
  private static void receive(
      BidirectionalStream stream, MemorySegment request, MemorySegment buffer) throws IOException {
    long length = 0;
    while (length < request.byteSize()) {
      long count = stream.receive(buffer);
      require(count >= 0, "the answer is shorter than the call");
      requireSame(
          length + count <= request.byteSize()
              && MemorySegment.mismatch(request, length, length + count, buffer, 0, count) < 0);
      length += count;
    }
  }

  @Override
  public void pingPong(Latencies latencies, int size) throws Exception {
    MemorySegment request = Buffers.request(size);
    MemorySegment buffer = size <= Buffers.SIZE ? Buffers.take() : Buffers.takeLarge();
    try (BidirectionalStream stream = connection.openBidirectional()) {
      Callers.Operation send = () -> stream.send(request);
      Callers.Operation receive = () -> receive(stream, request, buffer);
      while (latencies.next()) {
        long start = System.nanoTime();
        if (Protocol.isLong(size)) {
          Callers.both(send, receive);
        } else {
          send.run();
          receive.run();
        }
        latencies.record(start);
      }
      stream.finish();
    } finally {
      Buffers.give(buffer);
    }
  }

  @Override
  public void connections(Latencies latencies, int atOnce) throws Exception {
    Callers.run(
        latencies, atOnce, caller -> () -> client.connect(server, "localhost", null).close());
  }

  @Override
  public void idle(int count) throws Exception {
    if (count == 0) {
      idle.forEach(QuicConnection::close);
      idle.clear();
      return;
    }
    Queue<QuicConnection> opened = new ConcurrentLinkedQueue<>();
    try {
      Callers.repeat(count - idle.size(), () -> opened.add(open()));
    } finally {
      idle.addAll(opened);
    }
  }

  @Override
  public void spread(Latencies latencies, int inFlight) throws Exception {
    require(!idle.isEmpty(), "no connection is idle");
    AtomicInteger turn = new AtomicInteger();
    calls(
        latencies,
        inFlight,
        Protocol.CALL_SIZE,
        () -> idle.get(Math.floorMod(turn.getAndIncrement(), idle.size())));
  }

  @Override
  public void close() {
    client.close();
  }
}
