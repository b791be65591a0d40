package rs.jetstream.benchmarks.trials;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import rs.jetstream.benchmarks.JetStreamTransport;
import rs.jetstream.benchmarks.Options;
import rs.jetstream.quic.EndpointStatistics;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.quic.ResetKey;
import rs.jetstream.quic.TlsIdentity;
import rs.jetstream.quic.TlsReload;

/**
 * A server that answers as the benchmarks' own does.
 *
 * <p>Options beyond that one's: {@code --port}, {@code --reset-key FILE}, {@code --qlog DIRECTORY}.
 * It is told {@code stats}, {@code heap}, {@code reload CERT KEY}, {@code collect on|off}, {@code
 * watch on|off}.
 */
public final class TrialServer {
  private TrialServer() {}

  /** Serves until standard input ends. */
  public static void main(String[] arguments) throws Exception {
    Options options = new Options(arguments);
    QuicServer.Builder builder =
        JetStreamTransport.server(options)
            .address(
                new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), Integer.parseInt(options.text("port", "0"))));
    String resetKey = options.text("reset-key", "");
    if (!resetKey.isEmpty()) {
      builder.resetKey(ResetKey.ofFile(Path.of(resetKey)));
    }
    String qlog = options.text("qlog", "");
    if (!qlog.isEmpty()) {
      builder.qlog(Path.of(qlog));
    }
    Surroundings surroundings = new Surroundings();
    try (QuicServer server = builder.open()) {
      JetStreamTransport.answer(server, options);
      Lines.say("listening 127.0.0.1:" + server.localAddress().getPort());
      Lines.serve(words ->
          switch (words[0]) {
            case "stats" -> figures(server.statistics());
            case "heap" -> Map.of("heap_bytes", usedHeap());
            case "reload" -> reload(server, words[1], words[2]);
            default -> surroundings.run(words);
          });
    }
    System.exit(0);
  }

  private static Map<String, Object> reload(QuicServer server, String cert, String key)
      throws Exception {
    try (TlsIdentity identity = TlsIdentity.ofPemFiles(Path.of(cert), Path.of(key))) {
      server.reload(TlsReload.of().identity(identity));
    }
    return Lines.nothing();
  }

  private static Map<String, Object> figures(EndpointStatistics it) {
    return Map.of(
        "connections", it.connections(),
        "established", it.established(),
        "retries", it.retries(),
        "refused", it.refused().total(),
        "stateless_resets", it.statelessResets(),
        "datagrams_received", it.datagramsReceived(),
        "datagrams_dropped", it.datagramsDropped(),
        "qlog_dropped", it.qlogDropped());
  }

  /** What a full collection leaves. */
  private static long usedHeap() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }
}
