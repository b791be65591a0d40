package rs.jetstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.quic.JetStreamException;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.quic.QuicSettings;
import rs.jetstream.quic.ServerLimits;
import rs.jetstream.quic.TlsInfo;

/** What a server and a client do when they are told nothing: a snapshot that is reviewed. */
@Timeout(60)
final class EffectiveDefaultsTest {
  private static final Path SNAPSHOT =
      Path.of(System.getProperty("jetstream.home"), "docs", "security", "defaults.txt");

  private static final int SUPPORTED_GROUPS = 10;
  private static final int SIGNATURE_ALGORITHMS = 13;
  private static final int PRE_SHARED_KEY = 41;
  private static final int EARLY_DATA = 42;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final long MAX_DATAGRAM_FRAME_SIZE = 0x20;

  @TempDir private Path folder;

  // r[verify security.1.18]
  // r[verify security.1.25]
  // r[verify security.1.27]
  // r[verify security.1.29]
  @Test
  void theyAreThoseOfTheSnapshot() throws Exception {
    String found = describe();
    if ("apply".equals(System.getProperty("jetstream.audit"))) {
      Files.writeString(SNAPSHOT, found);
    }
    assertThat(found)
        .as(
            "%s: if it is meant so, run mvn verify -Daudit=apply, and say why",
            SNAPSHOT.getFileName())
        .isEqualTo(Files.readString(SNAPSHOT));
  }

  // r[verify security.1.27]
  @Test
  void datagramsResumptionAndEarlyDataAreOff() throws Exception {
    ClientHello hello = hello(new Certs(folder.resolve("certs")));
    assertThat(hello.extensions).doesNotContainKeys(PRE_SHARED_KEY, EARLY_DATA);
    Map<Long, Long> parameters = hello.transportParameters();
    assertThat(parameters).hasSizeGreaterThan(6).doesNotContainKey(MAX_DATAGRAM_FRAME_SIZE);
  }

  // r[verify security.1.29]
  @Test
  void onlyTls13IsOffered() throws Exception {
    ClientHello hello = hello(new Certs(folder.resolve("certs")));
    assertThat(hello.numbers(SUPPORTED_VERSIONS, 1)).containsExactly("0x0304");
    // Of RFC 8446 appendix B.4: none has another number.
    assertThat(hello.suites).isNotEmpty().allMatch(it -> it.startsWith("0x13"));
  }

  // r[verify security.1.29]
  @Test
  void aClientOfTls12AloneIsRefused() throws Exception {
    Certs certs = new Certs(folder.resolve("certs"));
    try (QuicServer server = certs.server().open()) {
      ServerProbe probe = new ServerProbe(server.localAddress(), Duration.ofSeconds(10));
      assertThat(probe.offerOldTls("localhost", "jetstream").oldTls())
          .isEqualTo(ServerProbe.OldTls.REFUSED);
      assertThat(probe.versions()).containsExactly("1");
      assertThat(server.statistics().connections()).isZero();
    }
  }

  // r[verify security.1.29]
  @Test
  void noKeyIsLoggedHoweverTheEnvironmentAsksForIt() throws Exception {
    Path log = folder.resolve("keys.log");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djetstream.home=" + System.getProperty("jetstream.home"),
                "--module-path",
                System.getProperty("jdk.module.path"),
                "--enable-native-access=rs.jetstream.ffi",
                "--module",
                "rs.jetstream.cli/rs.jetstream.cli.Main",
                "demo",
                "--calls=1",
                "--file=" + Files.write(folder.resolve("file"), new byte[1000]),
                "--certs=" + folder.resolve("certs")));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("SSLKEYLOGFILE", log.toString());
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains("All of it held.").doesNotContain("TRAFFIC_SECRET");
    assertThat(log).doesNotExist();
  }

  private String describe() throws Exception {
    StringJoiner lines = new StringJoiner("\n", "", "\n");
    lines.add(
        "# What a server and a client do by default. Written by `mvn verify -Daudit=apply`; each"
            + " change is");
    lines.add("# reviewed, because it changes what users get who set nothing.");
    lines.add("").add("## QuicSettings.defaults()");
    for (Method it : accessors(QuicSettings.class).toList()) {
      lines.add(it.getName() + " = " + it.invoke(QuicSettings.defaults()));
    }
    lines.add("").add("## ServerLimits.defaults()");
    for (Method it : accessors(ServerLimits.class).toList()) {
      lines.add(it.getName() + " = " + it.invoke(ServerLimits.defaults()));
    }
    Certs certs = new Certs(folder.resolve("certs"));
    ClientHello hello = hello(certs);
    lines.add("").add("## What a client offers, in numbers of the registries of IANA");
    lines.add("TLS versions = " + String.join(" ", hello.numbers(SUPPORTED_VERSIONS, 1)));
    lines.add("cipher suites = " + String.join(" ", hello.suites));
    lines.add("groups = " + String.join(" ", hello.numbers(SUPPORTED_GROUPS, 2)));
    lines.add("key shares = " + String.join(" ", hello.keyShares()));
    lines.add("signature schemes = " + String.join(" ", hello.numbers(SIGNATURE_ALGORITHMS, 2)));
    lines.add("extensions = " + hello.extensions.keySet());
    hello
        .transportParameters()
        // Those below 0x4000; the others are there at random, to keep servers open to them.
        .forEach((id, value) -> {
          if (id < 0x4000) {
            lines.add(
                "transport parameter 0x%02x = %s".formatted(id, value == null ? "set" : value));
          }
        });
    lines.add("").add("## What a server takes");
    try (QuicServer server = certs.server().open();
        QuicClient client =
            QuicClient.builder().identity(certs.identity("client")).trust(certs.trust()).open();
        QuicConnection connection =
            client.connect(server.localAddress(), "localhost", Duration.ofSeconds(20))) {
      TlsInfo tls = connection.tls();
      lines.add(
          "address = "
              + (server.localAddress().getAddress().isLoopbackAddress() ? "loopback" : "other"));
      lines.add(
          "QUIC versions = "
              + new ServerProbe(server.localAddress(), Duration.ofSeconds(10)).versions());
      lines.add("cipher suite = " + tls.cipherSuite());
      lines.add("group = " + tls.keyExchangeGroup());
      lines.add("ALPN = " + tls.applicationProtocol());
      try (QuicClient nobody = QuicClient.builder().trust(certs.trust()).open()) {
        lines.add("client without a certificate = " + outcome(nobody, server));
      }
    }
    return lines.toString();
  }

  private static String outcome(QuicClient client, QuicServer server) throws IOException {
    try (QuicConnection connection =
        client.connect(server.localAddress(), "localhost", Duration.ofSeconds(20))) {
      return "let in by " + connection.peerAddress();
    } catch (JetStreamException e) {
      return e.kind().toString();
    }
  }

  /** The settings of a class of settings. */
  static Stream<Method> accessors(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(it -> Modifier.isPublic(it.getModifiers()) && !Modifier.isStatic(it.getModifiers()))
        .filter(it -> it.getParameterCount() == 0)
        .filter(it -> it.getReturnType().getEnclosingClass() != type)
        .sorted(Comparator.comparing(Method::getName));
  }

  /** Of a client that calls somebody who never answers. */
  private static ClientHello hello(Certs certs) throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        QuicClient client = QuicClient.builder().trust(certs.trust()).open()) {
      silent.setSoTimeout(20_000);
      InetSocketAddress address = (InetSocketAddress) silent.getLocalSocketAddress();
      Thread calling =
          Thread.startVirtualThread(() -> {
            try {
              client.connect(address, "localhost", Duration.ofSeconds(30)).close();
            } catch (IOException e) {
              // As expected, when the client is closed.
            }
          });
      ClientHello hello = ClientHello.receive(silent);
      assertThat(calling.isAlive()).isTrue(); // closing the client ends it
      return hello;
    }
  }
}
