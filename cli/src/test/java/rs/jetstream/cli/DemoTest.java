package rs.jetstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.quic.JetStreamLibrary;

@Timeout(60)
final class DemoTest {
  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int demo(String... arguments) {
    String[] all =
        Stream.concat(Stream.of("demo"), Stream.of(arguments)).toArray(size -> new String[size]);
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(all);
  }

  private Path file(int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return Files.write(folder.resolve("a file"), bytes);
  }

  private String certs() {
    return folder.resolve("test certificates").toString();
  }

  @Test
  void allHolds() throws IOException {
    int exit = demo("--file", file(3_000_001).toString(), "--calls", "50", "--certs", certs());
    assertThat(err.toString()).isEmpty();
    assertThat(exit).isZero();
    assertThat(out.toString())
        .contains("X25519MLKEM768 (post-quantum hybrid)")
        .contains("CN=JetStream test server TEST ONLY", "CN=JetStream test client TEST ONLY")
        .containsPattern("up .* SHA-256 equal on both ends")
        .containsPattern("down .* SHA-256 equal on both ends")
        .containsPattern("p50 [0-9.]+ ms, p99 [0-9.]+ ms, max [0-9.]+ ms")
        .contains("Refused: a client without a certificate")
        .contains("Refused: a client with a certificate of another CA")
        .endsWith("All of it held." + System.lineSeparator());
    assertThat(out.toString().lines())
        .filteredOn(line -> line.startsWith(" "))
        .allMatch(line -> line.length() <= 80);
    assertThat(JetStreamLibrary.counters().endpoints()).isZero();
    assertThat(JetStreamLibrary.counters().streams()).isZero();
    assertThat(JetStreamLibrary.counters().leases()).isZero();
  }

  @Test
  void emptyFileHolds() throws IOException {
    int exit = demo("--file", file(0).toString(), "--calls", "1", "--certs", certs());
    assertThat(err.toString()).isEmpty();
    assertThat(exit).isZero();
  }

  @Test
  void missingFileIsASentence() {
    String missing = folder.resolve("missing").toString();
    assertThat(demo("--file", missing, "--certs", certs())).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "jetstream demo: " + missing + " does not exist: name another one with --file");
  }

  @Test
  void foreignFolderOfCertificatesIsNotTouched() throws IOException {
    Path mine = Files.writeString(folder.resolve("server.key"), "mine");
    int exit = demo("--file", mine.toString(), "--calls", "1", "--certs", folder.toString());
    assertThat(exit).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("jetstream demo: certificates cannot be made: ")
        .contains("has files that this script did not make");
    assertThat(mine).hasContent("mine");
    assertThat(err.toString().lines()).hasSize(1);
  }

  @Test
  void stackTraceOnlyWhenAskedFor() {
    String missing = folder.resolve("missing").toString();
    assertThat(demo("--verbose", "--file", missing, "--certs", certs())).isEqualTo(1);
    assertThat(err.toString()).contains("\tat rs.jetstream.cli");
  }

  @Test
  void noCallsAreAUsageError() {
    assertThat(demo("--calls", "0")).isEqualTo(2);
    assertThat(err.toString()).startsWith("--calls is 0, must be from 1 to 10000000");
  }

  @Test
  void damagedSetOfCertificatesIsMadeAnew() throws IOException {
    Path file = file(10);
    assertThat(demo("--file", file.toString(), "--calls", "1", "--certs", certs()))
        .as(() -> err + "" + out)
        .isZero();
    Path key = Path.of(certs(), "server.key");
    byte[] before = Files.readAllBytes(Path.of(certs(), "ca.crt"));
    assertThat(Files.getPosixFilePermissions(key))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    Files.writeString(key, "");
    assertThat(demo("--file", file.toString(), "--calls", "1", "--certs", certs()))
        .as(() -> err + "" + out)
        .isZero();
    assertThat(Files.readAllBytes(Path.of(certs(), "ca.crt"))).isNotEqualTo(before);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).hasSize(2); // the file and the certificates: nothing half-made
    }
  }
}
