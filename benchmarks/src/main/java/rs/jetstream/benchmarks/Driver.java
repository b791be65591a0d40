package rs.jetstream.benchmarks;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs what standard input says, line by line, and prints a line of JSON for each. */
final class Driver {
  private static final double MIB = 1 << 20;

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
    switch (words[0]) {
      case "down" -> workloads.down(number);
      case "up" -> workloads.up(number);
      case "calls", "connections" -> {
        Latencies latencies = new Latencies((int) number);
        int atOnce = Integer.parseInt(words[2]);
        if (words[0].equals("calls")) {
          workloads.calls(latencies, atOnce);
        } else {
          workloads.connections(latencies, atOnce);
        }
        return many(words[0], latencies, atOnce, System.nanoTime() - start, cpuNanos() - cpu);
      }
      default ->
          throw new IllegalArgumentException(
              line + " is none of: down BYTES, up BYTES, calls N K, connections N K");
    }
    return bulk(words[0], number, System.nanoTime() - start, cpuNanos() - cpu);
  }

  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }

  private String bulk(String workload, long bytes, long nanos, long cpu) {
    double seconds = nanos / 1e9;
    return String.format(
        Locale.ROOT,
        "{\"impl\":\"%s\",\"workload\":\"%s\",\"bytes\":%d,\"mib_per_s\":%.2f,"
            + "\"seconds\":%.6f,\"cpu_seconds\":%.6f}",
        name,
        workload,
        bytes,
        bytes / MIB / seconds,
        seconds,
        cpu / 1e9);
  }

  private String many(String workload, Latencies latencies, int atOnce, long nanos, long cpu) {
    double seconds = nanos / 1e9;
    return String.format(
        Locale.ROOT,
        "{\"impl\":\"%s\",\"workload\":\"%s\",\"%2$s\":%d,\"in_flight\":%d,"
            + "\"%2$s_per_s\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,"
            + "\"seconds\":%.6f,\"cpu_seconds\":%.6f}",
        name,
        workload,
        latencies.count(),
        atOnce,
        latencies.count() / seconds,
        latencies.micros(0.5),
        latencies.micros(0.99),
        latencies.micros(1),
        seconds,
        cpu / 1e9);
  }
}
