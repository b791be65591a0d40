package rs.jetstream.benchmarks.trials;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import rs.jetstream.benchmarks.JetStreamTransport;
import rs.jetstream.benchmarks.Options;
import rs.jetstream.quic.JetStreamLibrary;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.QuicServer;

/** Endpoints that are opened and closed, again and again: what of it stays in the process. */
final class Churn {
  /** Cycles before it is counted: what the first ones load is not theirs. */
  private static final int FIRST = 500;

  /**
   * A closed endpoint's thread ends by itself, soon after; it counts as left when it takes longer.
   */
  private static final Duration ENDING = Duration.ofSeconds(1);

  private Churn() {}

  /** Each cycle is a client with a connection and a call, and a server; on Linux. */
  static Map<String, Object> run(int cycles, Options options, InetSocketAddress server)
      throws IOException {
    for (int i = 0; i < FIRST; i++) {
      cycle(options, server);
    }
    Map<String, Long> before = state();
    long begin = System.nanoTime();
    for (int i = 0; i < cycles; i++) {
      cycle(options, server);
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    Map<String, Object> figures = new HashMap<>();
    state().forEach((name, value) -> figures.put(name, value - before.getOrDefault(name, 0L)));
    figures.put("cycles", cycles);
    figures.put("cycles_per_s", cycles / seconds);
    return figures;
  }

  private static void cycle(Options options, InetSocketAddress server) throws IOException {
    try (QuicServer _ = JetStreamTransport.server(options).open();
        QuicClient client = JetStreamTransport.client(options).open();
        QuicConnection connection = client.connect(server, "localhost", null)) {
      Call.make(connection);
    }
  }

  /** What a full collection leaves, when the threads of what was closed have ended. */
  private static Map<String, Long> state() throws IOException {
    System.gc();
    JetStreamLibrary.Counters alive = JetStreamLibrary.counters();
    long end = System.nanoTime() + ENDING.toNanos();
    while (alive.endpointThreads() > alive.endpoints() && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
      alive = JetStreamLibrary.counters();
    }
    return Map.of(
        "rss_kib", status("VmRSS:"),
        "threads", status("Threads:"),
        "fds", (long) names("/proc/self/fd").length,
        "library_threads", libraryThreads(),
        "live", alive.endpoints() + alive.connections() + alive.streams() + alive.connects(),
        "native_bytes", alive.allocatedBytes());
  }

  private static String[] names(String directory) throws IOException {
    String[] names = new File(directory).list();
    if (names == null) {
      throw new IOException(directory + " cannot be listed");
    }
    return names;
  }

  /** Threads that the library named; those of the JDK come and go. */
  private static long libraryThreads() throws IOException {
    long count = 0;
    for (String thread : names("/proc/self/task")) {
      try {
        String name = Files.readString(Path.of("/proc/self/task", thread, "comm"));
        count += name.startsWith("jetstream") ? 1 : 0;
      } catch (NoSuchFileException e) {
        // Ended meanwhile.
      }
    }
    return count;
  }

  private static long status(String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.substring(name.length()).strip().split("\\s", -1)[0]);
      }
    }
    throw new IOException("the system tells no " + name);
  }
}
