package rs.jetstream.quic;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process in which calls, new connections and messages on the endpoints' threads never stop, and
 * that ends in the middle of them as it is told.
 */
public final class BusyProcess {
  private static final int CALLERS = 16;
  private static final AtomicLong DONE = new AtomicLong();
  private static final CountDownLatch BUSY = new CountDownLatch(300);

  private BusyProcess() {}

  public static void main(String[] args) throws Exception {
    String before = signals();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("leaving")));
    Path folder = Path.of(args[0]);
    QuicServer server = server(folder);
    QuicClient client = client(folder);
    Thread.startVirtualThread(() -> accept(server));
    QuicConnection connection = client.connect(server.localAddress(), "localhost", Loopback.SOON);
    for (int i = 0; i < CALLERS; i++) {
      Thread.startVirtualThread(() -> forEver(() -> call(connection, Loopback.SOON)));
    }
    Thread.startVirtualThread(() ->
        forEver(() -> client.connect(server.localAddress(), "localhost", Loopback.SOON).close()));
    Exchanges exchanges = connection.exchanges();
    MemorySegment message = Arena.global().allocate(8);
    Thread.startVirtualThread(() -> forEver(() -> exchanges.request(message, Loopback.SOON)));
    BUSY.await();
    System.out.println("signals before " + before);
    System.out.println("signals now " + signals());
    System.out.println("busy");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      switch (line) {
        case "exit" -> System.exit(0);
        case "return" -> {
          return;
        }
        case "work" -> {
          long until = DONE.get() + 100;
          while (DONE.get() < until) {
            Thread.onSpinWait();
          }
          System.out.println("worked");
        }
        default -> throw new IllegalArgumentException(line);
      }
    }
  }

  static QuicServer server(Path folder) throws IOException {
    return QuicServer.builder()
        .identity(
            TlsIdentity.ofPemFiles(folder.resolve("server.crt"), folder.resolve("server.key")))
        .trust(TlsTrust.ofPemFile(folder.resolve("ca.crt")))
        .open();
  }

  static QuicClient client(Path folder) throws IOException {
    return QuicClient.builder()
        .identity(
            TlsIdentity.ofPemFiles(folder.resolve("client.crt"), folder.resolve("client.key")))
        .trust(TlsTrust.ofPemFile(folder.resolve("ca.crt")))
        .open();
  }

  static void accept(QuicServer server) {
    forEver(() -> {
      QuicConnection connection = server.accept();
      connection.exchanges().answer(BusyProcess::echoShort);
      Thread.startVirtualThread(() ->
          forEver(() -> {
            BidirectionalStream stream = connection.acceptBidirectional();
            Thread.startVirtualThread(() -> EchoTest.echo(stream));
          }));
    });
  }

  /** Calls are longer: they are for whoever accepts. */
  private static long echoShort(QuicConnection from, MemorySegment request, MemorySegment answer) {
    if (request.byteSize() > 8) {
      return RequestHandler.DECLINE;
    }
    answer.copyFrom(request);
    return request.byteSize();
  }

  static void call(QuicConnection connection, Duration timeout) throws IOException {
    try (BidirectionalStream stream = connection.openBidirectional(timeout)) {
      stream.timeout(timeout);
      stream.sendAndFinish(new byte[64]);
      if (stream.receiveAll(64).length != 64) {
        throw new AssertionError("not what was sent");
      }
    }
    DONE.incrementAndGet();
    BUSY.countDown();
  }

  interface Step {
    void run() throws IOException;
  }

  /** Until the connection is gone. */
  private static void forEver(Step step) {
    while (true) {
      try {
        step.run();
      } catch (OutOfMemoryError full) {
        // As a server would: the next one may fit.
      } catch (IOException | IllegalStateException e) {
        return; // its peer, or this side, was closed
      }
    }
  }

  /** Which signals are caught and ignored in this process. */
  private static String signals() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return "unknown";
    }
    List<String> lines = Files.readAllLines(status);
    return lines.stream()
        .filter(line -> line.startsWith("SigCgt") || line.startsWith("SigIgn"))
        .toList()
        .toString();
  }
}
