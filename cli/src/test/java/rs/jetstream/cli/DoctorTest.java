package rs.jetstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.ClientAuthentication;
import rs.jetstream.quic.JetStreamLibrary;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.quic.QuicSettings;
import rs.jetstream.quic.ServerLimits;

/** The doctor, on this machine and on servers of ours. */
@Timeout(60)
final class DoctorTest {
  @TempDir private Path folder;

  private Certs certs;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void makeCertificates() throws Exception {
    certs = new Certs(folder.resolve("certs"));
  }

  private int doctor(String... arguments) {
    String[] all = Stream.concat(Stream.of("doctor"), Stream.of(arguments)).toArray(String[]::new);
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all);
  }

  private int examine(QuicServer server, String... more) {
    return doctor(
        Stream.concat(
                Stream.of(
                    "--connect",
                    "localhost:" + server.localAddress().getPort(),
                    "--trust",
                    certs.file("ca.crt")),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private String[] asClient(String... more) {
    return Stream.concat(
            Stream.of("--identity", certs.file("client.crt"), "--key", certs.file("client.key")),
            Stream.of(more))
        .toArray(String[]::new);
  }

  @SuppressWarnings("unchecked")
  private List<Map<String, Object>> findings() throws Exception {
    return (List<Map<String, Object>>)
        (List<?>) (List<Object>) JSON.std.mapFrom(out.toString()).get("findings");
  }

  // r[verify security.1.26]
  @Test
  void ourOwnServerIsAllWell() throws Exception {
    try (DemoServer server =
        DemoServer.open(certs.identity("server"), certs.trust(), certs.folder.resolve("ca.crt"))) {
      int exit =
          doctor(
              asClient(
                  "--connect",
                  "localhost:" + server.address().getPort(),
                  "--trust",
                  certs.file("ca.crt")));
      assertThat(err.toString()).isEmpty();
      assertThat(out.toString())
          .contains(
              "X25519MLKEM768", "TLS_AES_128_GCM_SHA256", "CN=JetStream test server TEST ONLY")
          .containsPattern("client certificate\\s+demanded")
          .containsPattern("other protocols\\s+refused")
          .containsPattern("TLS 1.2 alone\\s+refused")
          .containsPattern("idle timeout\\s+30.0 s")
          .containsPattern("bidirectional streams\\s+1000")
          .containsPattern("window of a stream\\s+4194304 bytes")
          .containsPattern("datagrams\\s+not taken")
          .containsPattern("leaf key\\s+EC 256")
          .containsPattern("names\\s+localhost")
          .endsWith("All well." + System.lineSeparator());
      assertThat(exit).isZero();
      assertThat(server.failure()).isEmpty();
    }
  }

  // r[verify security.1.26]
  @Test
  void aServerThatLetsEverybodyInIsWarnedOf() throws Exception {
    try (QuicServer server =
        certs.server().clientAuthentication(ClientAuthentication.OPTIONAL).open()) {
      assertThat(examine(server, asClient("--json"))).isEqualTo(3);
      assertThat(findings())
          .anyMatch(it ->
              it.get("level").equals("warning")
                  && it.get("what").equals("it lets clients in without a certificate"));
      assertThat(out.toString()).contains("\"worst\" : \"warning\"");
    }
  }

  // r[verify security.1.26]
  @Test
  void aServerOfAnotherIssuerIsAWeakness() throws Exception {
    try (QuicServer server = certs.server().open()) {
      int exit =
          doctor(
              "--connect",
              "127.0.0.1:" + server.localAddress().getPort(),
              "--trust",
              certs.file("stranger-ca.crt"),
              "--json");
      assertThat(exit).isEqualTo(4);
      assertThat(findings())
          .anyMatch(
              it -> it.get("about").equals("certificate") && it.get("level").equals("weakness"));
    }
  }

  @Test
  void aServerThatDemandsACertificateAsksForTheOptions() throws Exception {
    try (QuicServer server = certs.server().open()) {
      assertThat(examine(server, "--json")).isEqualTo(3);
      assertThat(findings()).anyMatch(it -> it.get("advice").toString().contains("--identity"));
    }
  }

  @Test
  void aServerThatAsksForProofOfEveryAddressIsTold() throws Exception {
    ServerLimits cautious = ServerLimits.builder().retryAbove(0).build();
    try (QuicServer server = certs.server().limits(cautious).open()) {
      assertThat(examine(server, asClient())).isZero();
      assertThat(out.toString())
          .containsPattern("Retry\\s+to every new address")
          .containsPattern("TLS 1.2 alone\\s+refused");
    }
  }

  @Test
  void nobodyThereIsAFailureInOneLine() throws Exception {
    int port;
    try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
      int exit =
          doctor(
              "--connect", "127.0.0.1:" + port, "--trust", certs.file("ca.crt"), "--timeout", "1");
      assertThat(exit).isEqualTo(1);
    }
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("connect to 127.0.0.1 at 127.0.0.1:" + port);
  }

  // r[verify security.1.4]
  @Test
  void theLocalReportHoldsWhatAReportNeeds() throws Exception {
    int exit = doctor("--json");
    Map<String, Object> report = JSON.std.mapFrom(out.toString());
    assertThat(exit).isIn(0, 3); // the kernel's limits of buffers are the machine's matter
    assertThat(report.get("jetstream")).isEqualTo(Main.version());
    JetStreamLibrary.Versions versions = JetStreamLibrary.versions();
    assertThat(section(report, "Library"))
        .containsEntry("s2n-quic", versions.s2nQuic())
        .containsEntry("s2n-tls", versions.s2nTls())
        .containsEntry("AWS-LC", versions.awsLc())
        .containsEntry("file", versions.path().toString())
        .containsKey("SHA-256");
    assertThat(section(report, "Machine")).containsKeys("Java", "system", "libc", "processors");
    assertThat(section(report, "Socket")).containsKeys("receive buffer", "send buffer");
    assertThat(section(report, "Default settings").keySet())
        .containsAll(
            EffectiveDefaultsTest.accessors(QuicSettings.class).map(Method::getName).toList());
    assertThat(section(report, "Default limits of a server").keySet())
        .containsAll(
            EffectiveDefaultsTest.accessors(ServerLimits.class).map(Method::getName).toList());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> section(Map<String, Object> report, String name) {
    return (Map<String, Object>) report.get(name);
  }

  // r[verify security.1.4]
  @Test
  void noReportHoldsASecret() throws Exception {
    doctor(asClient());
    doctor(asClient("--json"));
    try (QuicServer server = certs.server().open()) {
      examine(server, asClient());
      examine(server, asClient("--json"));
    }
    assertThat(out.toString()).contains("CN=JetStream test client TEST ONLY");
    for (String line : Files.readAllLines(Path.of(certs.file("client.key")))) {
      assertThat(out.toString() + err).doesNotContain(line);
    }
    assertThat(out.toString() + err).doesNotContain("PRIVATE", "BEGIN CERTIFICATE", "SSLKEYLOG");
  }

  // r[verify security.1.4]
  @Test
  void aKeyThatWouldBeRefusedIsToldBeforeAServerIsStarted() throws Exception {
    Path key = Path.of(certs.file("client.key"));
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(doctor(asClient("--json"))).isEqualTo(4);
    assertThat(findings())
        .anyMatch(it ->
            it.get("about").equals("identity")
                && it.get("what").toString().contains(key + " has mode rw-r--r--"));
  }

  @Test
  void whatTheEnvironmentWouldChangeIsFound() {
    Diagnosis diagnosis = new Diagnosis();
    new LocalExamination(diagnosis)
        .environment(Map.of("S2N_QUIC_UNSTABLE_RX", "0", "SSLKEYLOGFILE", "x", "HOME", "/"));
    assertThat(diagnosis.findings().stream().map(Finding::what))
        .hasSize(2)
        .anyMatch(it -> it.startsWith("S2N_QUIC_UNSTABLE_RX is set"))
        .anyMatch(it -> it.startsWith("SSLKEYLOGFILE is set, and ignored"));
    assertThat(diagnosis.worst()).isEqualTo(Finding.Level.WEAKNESS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--connect nowhere",
        "--connect localhost:99999",
        "--connect :1",
        "--connect ::1:1",
        "--identity a",
        "--key a",
        "--timeout 0",
        "--nonsense",
      })
  void wrongArgumentsAreAUsageError(String arguments) {
    assertThat(doctor(arguments.split(" ", -1))).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
  }
}
