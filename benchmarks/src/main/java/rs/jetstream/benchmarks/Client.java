package rs.jetstream.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;

/** The workloads of rust-baseline, as its {@code client --interactive}. */
final class Client {
  private static final ValueLayout.OfLong BIG_ENDIAN =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final byte[] CALL =
      "E0123456789abcdefghijklmnopqrstu".getBytes(StandardCharsets.US_ASCII);
  private static final double MIB = 1 << 20;

  private final QuicConnection connection;
  private final Bulk bulk;

  private Client(QuicConnection connection, Bulk bulk) {
    this.connection = connection;
    this.bulk = bulk;
  }

  /** Runs what standard input says, line by line, on one connection. */
  static void run(Options options) throws Exception {
    String connect = options.text("connect");
    int port = Integer.parseInt(connect.substring(connect.lastIndexOf(':') + 1));
    InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try (QuicClient client =
            QuicClient.builder()
                .identity(options.identity())
                .trust(options.trust("ca"))
                .settings(options.settings())
                .open();
        QuicConnection connection = client.connect(server, "localhost", null);
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      // The driver of the benchmark may leave this side idle for longer than a connection lives.
      connection.keepAlive(true);
      Client it = new Client(connection, new Bulk(options));
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line; (line = lines.readLine()) != null; ) {
        String command = line;
        System.out.println(executor.submit(() -> it.run(command)).get());
        System.out.flush();
      }
    }
  }

  private String run(String line) throws Exception {
    String[] words = line.strip().split("\\s+", -1);
    long number = Long.parseLong(words[1]);
    long cpu = cpuNanos();
    long start = System.nanoTime();
    return switch (words[0]) {
      case "down" -> {
        down(number);
        yield bulkReport("down", number, System.nanoTime() - start, cpuNanos() - cpu);
      }
      case "up" -> {
        up(number);
        yield bulkReport("up", number, System.nanoTime() - start, cpuNanos() - cpu);
      }
      case "calls" -> {
        int inFlight = Integer.parseInt(words[2]);
        long[] latencies = calls((int) number, inFlight);
        yield callsReport(latencies, inFlight, System.nanoTime() - start, cpuNanos() - cpu);
      }
      default ->
          throw new IllegalArgumentException(
              line + " is none of: down BYTES, up BYTES, calls N IN-FLIGHT");
    };
  }

  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }

  private static String bulkReport(String workload, long bytes, long nanos, long cpu) {
    double seconds = nanos / 1e9;
    return String.format(
        Locale.ROOT,
        "{\"impl\":\"jetstream-java\",\"workload\":\"%s\",\"bytes\":%d,\"mib_per_s\":%.2f,"
            + "\"seconds\":%.6f,\"cpu_seconds\":%.6f}",
        workload,
        bytes,
        bytes / MIB / seconds,
        seconds,
        cpu / 1e9);
  }

  private static String callsReport(long[] latencies, int inFlight, long nanos, long cpu) {
    Arrays.sort(latencies);
    double seconds = nanos / 1e9;
    return String.format(
        Locale.ROOT,
        "{\"impl\":\"jetstream-java\",\"workload\":\"calls\",\"calls\":%d,\"in_flight\":%d,"
            + "\"calls_per_s\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,"
            + "\"seconds\":%.6f,\"cpu_seconds\":%.6f}",
        latencies.length,
        inFlight,
        latencies.length / seconds,
        latencies[(latencies.length - 1) / 2] / 1e3,
        latencies[(int) ((latencies.length - 1) * 0.99)] / 1e3,
        latencies[latencies.length - 1] / 1e3,
        seconds,
        cpu / 1e9);
  }

  private static void require(boolean holds, String otherwise) throws IOException {
    if (!holds) {
      throw new IOException(otherwise);
    }
  }

  private void down(long bytes) throws IOException {
    MemorySegment request = Buffers.take().asSlice(0, 1 + Long.BYTES);
    request.set(ValueLayout.JAVA_BYTE, 0, (byte) 'D');
    request.set(BIG_ENDIAN, 1, bytes);
    try (BidirectionalStream stream = connection.openBidirectionalAndFinish(request)) {
      long received = bulk.receive(stream);
      require(received == bytes, "got " + received + " of " + bytes + " bytes");
    }
  }

  private void up(long bytes) throws IOException {
    MemorySegment buffer = Buffers.take();
    try (BidirectionalStream stream = connection.openBidirectional()) {
      buffer.set(ValueLayout.JAVA_BYTE, 0, (byte) 'U');
      stream.send(buffer.asSlice(0, 1));
      bulk.send(stream, bytes);
      long length = 0;
      for (long count; (count = stream.receive(buffer.asSlice(length))) >= 0; ) {
        length += count;
      }
      require(length == Long.BYTES, "the count has " + length + " bytes");
      long received = buffer.get(BIG_ENDIAN, 0);
      require(received == bytes, "the server got " + received + " of " + bytes);
    } finally {
      Buffers.give(buffer);
    }
  }

  private long[] calls(int calls, int inFlight)
      throws IOException, InterruptedException, ExecutionException {
    long[] latencies = new long[calls];
    AtomicInteger started = new AtomicInteger();
    List<Future<?>> callers = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < inFlight; i++) {
        callers.add(executor.submit(() -> caller(started, latencies)));
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
    }
    return latencies;
  }

  private void caller(AtomicInteger started, long[] latencies) {
    MemorySegment request = Buffers.take();
    MemorySegment answer = Buffers.take();
    MemorySegment call = request.asSlice(0, CALL.length);
    MemorySegment.copy(MemorySegment.ofArray(CALL), 0, call, 0, CALL.length);
    try {
      for (int index; (index = started.getAndIncrement()) < latencies.length; ) {
        long start = System.nanoTime();
        call(call, answer);
        latencies[index] = System.nanoTime() - start;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      Buffers.give(request);
      Buffers.give(answer);
    }
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
}
