package rs.jetstream.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs what standard input says, line by line, and prints a line of JSON for each. */
final class Driver {
  private static final double MIB = 1 << 20;
  private static final String USAGE =
      " is none of: down BYTES [STREAMS], up BYTES [STREAMS], calls N IN-FLIGHT [SIZE],"
          + " pingpong N SIZE, rpc N IN-FLIGHT SIZE, connections N AT-ONCE, idle N,"
          + " spread N IN-FLIGHT, steady SECONDS IN-FLIGHT";

  private final String name;
  private final Workloads workloads;

  private Driver(String name, Workloads workloads) {
    this.name = name;
    this.workloads = workloads;
  }

  static void run(Options options) throws Exception {
    String connect = options.text("connect");
    int port = Integer.parseInt(connect.substring(connect.lastIndexOf(':') + 1));
    InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    Transport transport = Transport.named(options.transport());
    try (Workloads workloads = transport.connect(options, server);
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Driver it = new Driver(options.transport(), workloads);
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line; (line = lines.readLine()) != null; ) {
        String command = line.strip();
        Future<String> answer = executor.submit(() -> it.answer(command));
        try {
          System.out.println(answer.get(transport.patience().toMillis(), TimeUnit.MILLISECONDS));
          System.out.flush();
        } catch (TimeoutException e) {
          System.out.println(
              failure(new IOException("no end after " + transport.patience().toSeconds() + " s")));
          System.out.flush();
          // Whoever hangs would keep this process from ending.
          Runtime.getRuntime().halt(1);
        }
      }
    }
  }

  /** One line of JSON, whatever happens. */
  private String answer(String line) {
    try {
      return run(line.split("\\s+", -1), line);
    } catch (Exception e) {
      Throwable cause = e;
      while (cause instanceof ExecutionException && cause.getCause() != null) {
        cause = cause.getCause();
      }
      return failure(cause);
    }
  }

  static String failure(Throwable cause) {
    String text = String.valueOf(cause.getMessage()).replaceAll("[\\p{Cntrl}\"\\\\]", " ");
    if (!(cause instanceof Unsupported)) {
      text = cause.getClass().getSimpleName() + ": " + text;
    }
    String unsupported = cause instanceof Unsupported ? "\"unsupported\":true," : "";
    return "{\"ok\":false," + unsupported + "\"error\":\"" + text + "\"}";
  }

  private String run(String[] words, String line) throws Exception {
    String workload = words[0];
    boolean sized = workload.equals("calls") || workload.equals("rpc");
    int most = sized ? 4 : workload.equals("idle") ? 2 : 3;
    int least = workload.equals("rpc") ? 4 : Math.min(most, isBulk(workload) ? 2 : 3);
    if (words.length < least || words.length > most) {
      throw new IllegalArgumentException(line + USAGE);
    }
    long first = number(words[1], workload.equals("idle") ? 0 : 1, Long.MAX_VALUE);
    int second = words.length > 2 ? (int) number(words[2], 1, 16 << 20) : 1;
    int size = Protocol.CALL_SIZE;
    if (workload.equals("pingpong")) {
      size = second;
    } else if (words.length > 3) {
      size = (int) number(words[3], 1, 16 << 20);
    }
    if (size < Protocol.CALL_SIZE) {
      throw new IllegalArgumentException("a call has at least 32 bytes, not " + size);
    }
    return run(workload, first, second, size, line);
  }

  private static boolean isBulk(String workload) {
    return workload.equals("down") || workload.equals("up");
  }

  private static long number(String word, long least, long most) {
    long number = Long.parseLong(word);
    if (number < least || number > most) {
      throw new IllegalArgumentException(number + " is not from " + least + " to " + most);
    }
    return number;
  }

  private String run(String workload, long first, int second, int size, String line)
      throws Exception {
    Latencies latencies =
        workload.equals("steady")
            ? Latencies.during(Duration.ofSeconds(first))
            : Latencies.of(first);
    long cpu = cpuNanos();
    long start = System.nanoTime();
    switch (workload) {
      case "down" -> workloads.down(first, second);
      case "up" -> workloads.up(first, second);
      case "calls", "steady" -> workloads.calls(latencies, second, size);
      case "pingpong" -> workloads.pingPong(latencies, size);
      case "rpc" -> workloads.rpc(latencies, second, size);
      case "spread" -> workloads.spread(latencies, second);
      case "connections" -> workloads.connections(latencies, second);
      case "idle" -> workloads.idle(Math.toIntExact(first));
      default -> throw new IllegalArgumentException(line + USAGE);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuSeconds = (cpuNanos() - cpu) / 1e9;
    String figures =
        switch (workload) {
          case "down", "up" ->
              String.format(
                  Locale.ROOT,
                  "\"bytes\":%d,\"streams\":%d,\"mib_per_s\":%.2f",
                  first,
                  second,
                  first / MIB / seconds);
          case "idle" -> String.format(Locale.ROOT, "\"connections\":%d", first);
          case "connections" -> many("connections", latencies, second, seconds);
          default ->
              many("calls", latencies, workload.equals("pingpong") ? 1 : second, seconds)
                  + String.format(
                      Locale.ROOT,
                      ",\"size\":%d,\"mib_per_s\":%.2f",
                      size,
                      latencies.count() * size / MIB / seconds);
        };
    return String.format(
        Locale.ROOT,
        "{\"ok\":true,\"impl\":\"%s\",\"workload\":\"%s\",%s,"
            + "\"seconds\":%.6f,\"cpu_seconds\":%.6f}",
        name,
        workload,
        figures,
        seconds,
        cpuSeconds);
  }

  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }

  private static String many(String what, Latencies latencies, int atOnce, double seconds) {
    return String.format(
        Locale.ROOT,
        "\"%s\":%d,\"in_flight\":%d,\"%1$s_per_s\":%.1f,"
            + "\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f",
        what,
        latencies.count(),
        atOnce,
        latencies.count() / seconds,
        latencies.micros(0.5),
        latencies.micros(0.99),
        latencies.micros(0.999),
        latencies.maxMicros());
  }
}
