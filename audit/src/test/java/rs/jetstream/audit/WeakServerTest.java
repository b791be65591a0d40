package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged command examines a server of another implementation that does much wrong. */
@Tag("packaged")
@Timeout(60)
final class WeakServerTest {
  private static final Repository REPOSITORY = Repository.ofBuild();

  @TempDir Path folder;

  private record Outcome(int code, String said) {}

  /** Without OpenSSL's own configuration, which makes an authority of what signs itself. */
  private void certificate(String constraints) throws Exception {
    Files.writeString(folder.resolve("empty.cnf"), "[req]\ndistinguished_name = dn\n[dn]\n");
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost -keyout weak.key -out"
            + " weak.crt -config empty.cnf -addext subjectAltName=DNS:localhost,DNS:*.example.com"
            + " -addext basicConstraints=critical,"
            + constraints);
  }

  // r[verify security.1.26]
  @Test
  void certificateThatCanIssueOthersIsAWeakness() throws Exception {
    certificate("CA:TRUE");
    try (Weak weak = new Weak()) {
      Outcome outcome =
          doctor("--connect", weak.address(), "--trust", "weak.crt", "--server-name", "localhost");
      assertThat(outcome.said()).contains("(CA:TRUE)");
      assertThat(outcome.code()).isEqualTo(4);
    }
  }

  // r[verify security.1.26]
  @Test
  void eachWeaknessOfAWeakServerIsNamed() throws Exception {
    // Valid for ten years, for any purpose, for a whole domain, its own issuer, on a short key.
    certificate("CA:FALSE");
    try (Weak weak = new Weak()) {
      Outcome outcome =
          doctor(
              "--connect",
              weak.address(),
              "--trust",
              "weak.crt",
              "--server-name",
              "localhost",
              "--json");
      JsonNode report = new ObjectMapper().readTree(outcome.said());
      List<String> found = new ArrayList<>();
      report
          .path("findings")
          .forEach(it -> found.add(it.path("level").asText() + ": " + it.path("what").asText()));
      assertThat(found)
          .anyMatch(it -> it.equals("warning: it lets clients in without a certificate"))
          .anyMatch(it -> it.matches("warning: .* is not post-quantum.*"))
          .anyMatch(it -> it.equals("warning: it is valid for 3650 days"))
          .anyMatch(it -> it.startsWith("weakness: it never gives up a silent connection"))
          .anyMatch(it -> it.equals("warning: one client may open more than 100000 at once"))
          .anyMatch(it -> it.matches("warning: one stream may hold 1073741824 bytes .*"))
          .anyMatch(it -> it.equals("warning: it names *.example.com, so all hosts there"))
          .anyMatch(it -> it.equals("warning: it is not bound to a purpose"))
          .anyMatch(it -> it.equals("warning: it has signed itself"))
          .anyMatch(it -> it.equals("warning: CN=localhost has a key of RSA 2048"));
      assertThat(report.path("findings"))
          .allMatch(it ->
              it.path("level").asText().equals("note") || !it.path("advice").asText().isEmpty());
      assertThat(report.path("worst").asText()).isEqualTo("weakness");
      assertThat(outcome.code()).isEqualTo(4);
      assertThat(report.path("Packets").path("TLS 1.2 alone").asText()).isEqualTo("refused");
      assertThat(report.path("Packets").path("QUIC versions")).isNotEmpty();
      assertThat(report.path("Packets").path("stateless reset").asText()).isEqualTo("not seen");
      assertThat(report.path("Server").path("other protocols").asText()).isEqualTo("refused");
    }
  }

  private void openssl(String arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments.split(" ", -1)));
    Outcome outcome = run(command);
    assertThat(outcome.code()).as(outcome.said()).isZero();
  }

  private Outcome doctor(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path",
                REPOSITORY.file("cli/target/jetstream-cli.jar")
                    + File.pathSeparator
                    + REPOSITORY.file("cli/target/lib"),
                "--enable-native-access=rs.jetstream.ffi",
                "--module",
                "rs.jetstream.cli/rs.jetstream.cli.Main",
                "doctor"));
    command.addAll(List.of(arguments));
    return run(command);
  }

  private Outcome run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), said);
  }

  /** The server of the interoperability tests, with that certificate, asking nobody for one. */
  private final class Weak implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    Weak() throws IOException {
      Path program = REPOSITORY.file("interop/quinn-peer/target/release/quinn-peer");
      process =
          new ProcessBuilder(
                  program.toString(),
                  "server",
                  "--limitless",
                  "--cert",
                  "weak.crt",
                  "--key",
                  "weak.key")
              .directory(folder.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      output = process.inputReader();
    }

    String address() throws IOException {
      String line = output.readLine();
      assertThat(line).startsWith("listening 127.0.0.1:");
      return line.substring("listening ".length());
    }

    @Override
    public void close() throws IOException {
      process.getOutputStream().close(); // ends it
      process.onExit().join();
      output.close();
    }
  }
}
