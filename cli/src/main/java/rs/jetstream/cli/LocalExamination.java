package rs.jetstream.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import rs.jetstream.quic.EndpointStatistics;
import rs.jetstream.quic.JetStreamLibrary;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicSettings;
import rs.jetstream.quic.ServerLimits;

/** What a report of a bug needs to hold, of this machine and this build; no secret. */
// r[impl security.1.4]
final class LocalExamination {
  private final Diagnosis diagnosis;

  LocalExamination(Diagnosis diagnosis) {
    this.diagnosis = diagnosis;
  }

  void examine() throws IOException, InterruptedException {
    machine();
    if (!JetStreamLibrary.isAvailable()) {
      Throwable cause = JetStreamLibrary.unavailabilityCause().orElseThrow();
      diagnosis.weakness("native library", "it cannot be used: " + cause.getMessage(), "");
      return;
    }
    library();
    settings();
    limits();
    environment(System.getenv());
    socket();
  }

  private void machine() throws IOException, InterruptedException {
    String java =
        Runtime.version()
            + " ("
            + System.getProperty("java.vendor")
            + ", "
            + System.getProperty("java.vm.name")
            + ")";
    diagnosis.fact("Machine", "Java", java);
    diagnosis.fact(
        "Machine",
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    diagnosis.fact("Machine", "libc", libc());
    diagnosis.fact("Machine", "processors", Runtime.getRuntime().availableProcessors());
    diagnosis.fact("Machine", "heap at most", Report.bytes(Runtime.getRuntime().maxMemory()));
    for (String name : List.of("rmem_max", "wmem_max")) {
      Path file = Path.of("/proc/sys/net/core", name);
      if (Files.isReadable(file)) {
        // In one read: the kernel gives no second one.
        try (BufferedReader in = Files.newBufferedReader(file)) {
          diagnosis.fact("Machine", "net.core." + name, String.valueOf(in.readLine()));
        }
      }
    }
  }

  private static String libc() throws IOException, InterruptedException {
    try {
      Process process =
          new ProcessBuilder("getconf", "GNU_LIBC_VERSION")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0) {
        return said.strip();
      }
    } catch (IOException e) {
      // No such program: musl, or not Linux.
    }
    return "unknown";
  }

  private void library() throws IOException {
    JetStreamLibrary.Versions it = JetStreamLibrary.versions();
    diagnosis.fact("Library", "version", it.version() + " (ABI " + it.abi() + ")");
    diagnosis.fact("Library", "s2n-quic", it.s2nQuic());
    diagnosis.fact("Library", "s2n-tls", it.s2nTls());
    diagnosis.fact("Library", "AWS-LC", it.awsLc());
    diagnosis.fact("Library", "target", it.target());
    diagnosis.fact("Library", "file", it.path().toString());
    diagnosis.fact("Library", "SHA-256", sha256(it.path()));
    if (System.getProperty("jetstream.native.path") != null) {
      diagnosis.warning(
          "native library",
          "it is not the one of the jar: -Djetstream.native.path is set",
          "Leave that out in production: the digest of the jar's library is checked.");
    }
  }

  private static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** All of them: a test compares. */
  private void settings() {
    QuicSettings it = QuicSettings.defaults();
    String section = "Default settings";
    diagnosis.fact(section, "securityPolicy", it.securityPolicy());
    diagnosis.fact(section, "maxCertificateChain", it.maxCertificateChain());
    diagnosis.fact(section, "maxRemoteBidirectionalStreams", it.maxRemoteBidirectionalStreams());
    diagnosis.fact(section, "maxRemoteUnidirectionalStreams", it.maxRemoteUnidirectionalStreams());
    diagnosis.fact(section, "maxLocalBidirectionalStreams", it.maxLocalBidirectionalStreams());
    diagnosis.fact(section, "maxLocalUnidirectionalStreams", it.maxLocalUnidirectionalStreams());
    diagnosis.fact(section, "connectionWindow", it.connectionWindow());
    diagnosis.fact(section, "streamWindow", it.streamWindow());
    diagnosis.fact(section, "streamsPerSecond", it.streamsPerSecond());
    diagnosis.fact(section, "sendBuffer", it.sendBuffer());
    diagnosis.fact(section, "maxSendBuffered", it.maxSendBuffered());
    diagnosis.fact(section, "maxEndpointSendBuffered", it.maxEndpointSendBuffered());
    diagnosis.fact(section, "maxClaim", it.maxClaim());
    diagnosis.fact(section, "maxClaimed", it.maxClaimed());
    diagnosis.fact(section, "maxLeased", it.maxLeased());
    diagnosis.fact(section, "congestionControl", it.congestionControl().toString());
    diagnosis.fact(section, "datagramBuffer", it.datagramBuffer());
    diagnosis.fact(section, "handshakeTimeout", it.handshakeTimeout().toString());
    diagnosis.fact(section, "idleTimeout", it.idleTimeout().toString());
    diagnosis.fact(section, "keepAlive", it.keepAlive().toString());
    diagnosis.fact(section, "keepAlivePeriod", it.keepAlivePeriod().toString());
    diagnosis.fact(section, "maxAckDelay", it.maxAckDelay().toString());
    diagnosis.fact(section, "drainTimeout", it.drainTimeout().toString());
    diagnosis.fact(section, "abandonedStreamCode", it.abandonedStreamCode());
    diagnosis.fact(section, "initialMtu", it.initialMtu());
    diagnosis.fact(section, "maxMtu", it.maxMtu());
    diagnosis.fact(section, "receiveRing", it.receiveRing());
    diagnosis.fact(section, "socketReceiveBuffer", it.socketReceiveBuffer());
    diagnosis.fact(section, "socketSendBuffer", it.socketSendBuffer());
    diagnosis.fact(section, "segmentationOffload", it.segmentationOffload());
    diagnosis.fact(section, "receiveOffload", it.receiveOffload());
  }

  /** All of them: a test compares. */
  private void limits() {
    ServerLimits it = ServerLimits.defaults();
    String section = "Default limits of a server";
    diagnosis.fact(section, "maxConnections", it.maxConnections());
    diagnosis.fact(section, "maxConnectionsPerSource", it.maxConnectionsPerSource());
    diagnosis.fact(section, "maxHandshakes", it.maxHandshakes());
    diagnosis.fact(section, "retryAbove", it.retryAbove());
    diagnosis.fact(section, "maxUnaccepted", it.maxUnaccepted());
    diagnosis.fact(section, "connectionsPerSecond", it.connectionsPerSecond());
    diagnosis.fact(section, "connectionsPerSecondPerSource", it.connectionsPerSecondPerSource());
    diagnosis.fact(section, "maxNativeBytes", it.maxNativeBytes());
  }

  void environment(Map<String, String> environment) {
    environment.keySet().stream()
        .filter(it -> it.startsWith("S2N_QUIC_UNSTABLE_"))
        .sorted()
        .forEach(it ->
            diagnosis.weakness(
                "environment", it + " is set: it changes how s2n-quic works", "Unset it."));
    if (environment.containsKey("SSLKEYLOGFILE")) {
      diagnosis.note("environment", "SSLKEYLOGFILE is set, and ignored: no key is logged", "");
    }
  }

  private void socket() throws IOException {
    QuicSettings defaults = QuicSettings.defaults();
    try (QuicClient client = QuicClient.builder().open()) {
      EndpointStatistics it = client.statistics();
      diagnosis.fact("Socket", "receive buffer", Report.bytes(it.socketReceiveBuffer()));
      diagnosis.fact("Socket", "send buffer", Report.bytes(it.socketSendBuffer()));
      if (it.socketReceiveBuffer() < defaults.socketReceiveBuffer()) {
        diagnosis.warning(
            "socket",
            "the kernel gives "
                + Report.bytes(it.socketReceiveBuffer())
                + " to receive, not "
                + Report.bytes(defaults.socketReceiveBuffer()),
            "Bulk transfers lose packets: sysctl -w net.core.rmem_max="
                + defaults.socketReceiveBuffer());
      }
    }
  }
}
