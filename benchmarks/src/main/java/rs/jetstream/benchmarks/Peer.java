package rs.jetstream.benchmarks;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * The same commands, protocol, workloads and output as rust-baseline; see its README.
 *
 * <p>{@code Peer server --cert FILE --key FILE --client-ca FILE [settings]}, {@code Peer client
 * --connect ADDRESS --ca FILE --cert FILE --key FILE [settings]}. Settings of its own: {@code
 * --transport} (see {@link Transport#named}), and of {@code jetstream} {@code --receive
 * lease|copy}, {@code --send copy|claim} and {@code --calls stream|request|inline}; of {@code
 * jetstream-rpc} {@code --calls stream|inline}.
 */
public final class Peer {
  private Peer() {}

  /** Runs a server or a client. */
  public static void main(String[] arguments) throws Exception {
    String role = arguments.length == 0 ? "" : arguments[0];
    try {
      switch (role) {
        case "server" -> serve(new Options(arguments));
        case "client" -> Driver.run(new Options(arguments));
        default -> {
          System.err.println("usage: Peer server|client --option value ...");
          System.exit(2);
        }
      }
    } catch (Exception e) {
      // Before there is anything to ask, the reason is the one answer.
      say(Driver.failure(e));
      e.printStackTrace();
      System.exit(1);
    }
    // Whatever threads a transport leaves.
    System.exit(0);
  }

  /** Serves until standard input closes, and answers what that asks. */
  private static void serve(Options options) throws Exception {
    try (Transport.Listening server = Transport.named(options.transport()).serve(options)) {
      say("listening 127.0.0.1:" + server.port());
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line; (line = lines.readLine()) != null; ) {
        say(
            line.strip().equals("memory")
                ? "{\"ok\":true,\"heap_bytes\":" + usedHeap() + "}"
                : Driver.failure(new IllegalArgumentException(line + " is not: memory")));
      }
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** What a full collection leaves. */
  private static long usedHeap() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }

  static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }
}
