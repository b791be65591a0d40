package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script that makes test certificates, judged by OpenSSL. */
@Timeout(120)
final class CertificatesTest {
  private static final Repository REPOSITORY = Repository.ofBuild();

  @TempDir Path folder;
  private Path set;

  private record Outcome(int code, String said) {}

  @BeforeEach
  void chooseAFolder() {
    set = folder.resolve("certs with a space");
  }

  // r[verify security.1.8]
  // r[verify security.1.11]
  // r[verify security.1.30]
  @Test
  void opensslVerifiesChainsPurposesAndNames() throws Exception {
    generate(set.toString());
    verified("server", "ca", "sslserver", true);
    verified("client", "ca", "sslclient", true);
    verified("client2", "ca", "sslclient", true);
    verified("stranger", "stranger-ca", "sslclient", true);
    verified("stranger", "ca", "sslclient", false);
    verified("client", "ca", "sslserver", false);
    verified("server", "ca", "sslclient", false);
    for (String name : List.of("localhost", "127.0.0.1", "::1")) {
      String option = name.equals("localhost") ? "-verify_hostname" : "-verify_ip";
      Outcome names =
          openssl("verify", "-CAfile", set + "/ca.crt", option, name, set + "/server.crt");
      assertThat(names.code()).as(names.said()).isZero();
    }
    Outcome other =
        openssl(
            "verify",
            "-CAfile",
            set + "/ca.crt",
            "-verify_hostname",
            "example.com",
            set + "/server.crt");
    assertThat(other.code()).isNotZero();
  }

  // r[verify security.1.8]
  // r[verify security.1.11]
  @Test
  void everyCertificateIsShortLivedOnP256AndSaysTestOnly() throws Exception {
    generate(set.toString());
    List<String> certificates = names(".crt");
    assertThat(certificates)
        .containsExactly(
            "ca.crt", "client.crt", "client2.crt", "server.crt", "stranger-ca.crt", "stranger.crt");
    for (String certificate : certificates) {
      String text =
          openssl("x509", "-in", set.resolve(certificate).toString(), "-noout", "-text").said();
      assertThat(text)
          .contains(
              "O = JetStream TEST ONLY", "TEST ONLY", "ASN1 OID: prime256v1", "ecdsa-with-SHA256");
      int day = 86_400;
      String[] at = {"x509", "-in", set.resolve(certificate).toString(), "-noout", "-checkend", ""};
      at[5] = "" + 13 * day;
      assertThat(openssl(at).code()).as("good for 13 days").isZero();
      at[5] = "" + (14 * day + 60);
      assertThat(openssl(at).code()).as("good for 14 days at most").isNotZero();
    }
  }

  // r[verify security.1.11]
  @Test
  void keysAreTheOwnersAloneAndThoseOfIssuersAreGone() throws Exception {
    generate(set.toString());
    assertThat(names(".key"))
        .containsExactly("client.key", "client2.key", "server.key", "stranger.key");
    try (Stream<Path> files = Files.list(set)) {
      for (Path file : files.toList()) {
        assertThat(mode(file)).as(file.toString()).isEqualTo("rw-------");
      }
    }
    assertThat(mode(set)).isEqualTo("rwx------");
  }

  // r[verify security.1.30]
  @Test
  void aSecondRunKeepsAGoodSetAndMendsABrokenOne() throws Exception {
    Outcome first = generate(set.toString());
    assertThat(first.said()).contains("TEST ONLY", "Do not trust them");
    Map<String, FileTime> before = times();
    Outcome second = generate(set.toString());
    assertThat(second.said()).contains("still good", "TEST ONLY");
    assertThat(times()).isEqualTo(before);
    Files.delete(set.resolve("client2.key"));
    generate(set.toString());
    assertThat(times().keySet()).isEqualTo(before.keySet());
    verified("client2", "ca", "sslclient", true);
  }

  // r[verify security.1.30]
  @Test
  void theShortFormNamesThisMachineAlone() throws Exception {
    generate("--localhost", set.toString());
    assertThat(names("")).containsExactly("TEST-ONLY.txt", "ca.crt", "server.crt", "server.key");
    verified("server", "ca", "sslserver", true);
    assertThat(
            openssl("x509", "-in", set + "/server.crt", "-noout", "-ext", "subjectAltName").said())
        .contains("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1");
    assertThat(generate("--localhost", set.toString()).said()).contains("still good");
  }

  @Test
  void aFolderOfSomebodyElseIsLeftAlone() throws Exception {
    Files.createDirectories(set);
    Files.writeString(set.resolve("server.key"), "not ours");
    Outcome outcome = run(script(set.toString()));
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.said()).contains(set.toString(), "did not make");
    assertThat(set.resolve("server.key")).hasContent("not ours");
    assertThat(run(script("--nonsense")).code()).isEqualTo(2);
    assertThat(run(script("a", "b")).code()).isEqualTo(2);
  }

  private void verified(String name, String issuer, String purpose, boolean good) throws Exception {
    Outcome outcome =
        openssl(
            "verify",
            "-x509_strict",
            "-CAfile",
            set + "/" + issuer + ".crt",
            "-purpose",
            purpose,
            set + "/" + name + ".crt");
    assertThat(outcome.code() == 0)
        .as("%s as %s: %s", name, purpose, outcome.said())
        .isEqualTo(good);
  }

  private static Outcome openssl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    return run(command);
  }

  private static List<String> script(String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("bash", REPOSITORY.file("certs/generate_certs.sh").toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static Outcome generate(String... arguments) throws Exception {
    Outcome outcome = run(script(arguments));
    assertThat(outcome.code()).as(outcome.said()).isZero();
    return outcome;
  }

  private static Outcome run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), said);
  }

  private List<String> names(String end) throws IOException {
    try (Stream<Path> files = Files.list(set)) {
      return files
          .map(it -> it.getFileName().toString())
          .filter(it -> it.endsWith(end))
          .sorted()
          .toList();
    }
  }

  private Map<String, FileTime> times() throws IOException {
    Map<String, FileTime> times = new TreeMap<>();
    for (String name : names("")) {
      times.put(name, Files.getLastModifiedTime(set.resolve(name)));
    }
    return times;
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
