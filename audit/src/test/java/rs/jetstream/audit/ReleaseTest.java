package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The release script, run dry in a copy of the repository. */
@Timeout(60)
final class ReleaseTest {
  private static final String SNAPSHOT =
      "audit/src/main/resources/rs/jetstream/audit/advisories.json";

  @TempDir Path folder;
  private ScratchRepository scratch;
  private String version;

  private record Outcome(int code, String said) {}

  @BeforeEach
  void copy() throws IOException {
    scratch = new ScratchRepository(folder);
    Repository real = Repository.ofBuild();
    for (String file :
        List.of(
            "pom.xml",
            "CHANGELOG.md",
            "SECURITY.md",
            "docs/security/RELEASE.md",
            "scripts/release",
            SNAPSHOT)) {
      Path target = folder.resolve(file);
      Files.createDirectories(target.getParent());
      Files.copy(real.file(file), target, StandardCopyOption.COPY_ATTRIBUTES);
    }
    Matcher pom =
        Pattern.compile("<version>(\\d+\\.\\d+\\.\\d+)-SNAPSHOT<").matcher(real.text("pom.xml"));
    assertThat(pom.find()).isTrue();
    version = pom.group(1);
    // The age of the real snapshot is not this test's matter.
    edit(
        SNAPSHOT,
        "\"date\" *: *\"[0-9-]+\"",
        "\"date\" : \"" + LocalDate.now(ZoneOffset.UTC) + "\"");
    scratch.commit("All of it");
  }

  // r[verify security.1.5]
  // r[verify security.1.31]
  @Test
  void dryRunPassesAndChangesNothing() throws Exception {
    String before = scratch.repository.git("rev-parse", "HEAD");
    Outcome outcome = release(version, "--dry-run");
    assertThat(outcome.code()).as(outcome.said()).isZero();
    assertThat(outcome.said()).contains("nothing was changed").doesNotContain("MISSING");
    assertThat(scratch.repository.git("rev-parse", "HEAD")).isEqualTo(before);
    assertThat(scratch.repository.git("status", "--porcelain")).isEmpty();
    assertThat(scratch.repository.git("tag")).isEmpty();
  }

  @Test
  void dirtyTreeStopsARelease() throws Exception {
    scratch.write("new.txt", "new");
    assertMissing("the work tree is clean", version);
  }

  @Test
  void versionThatIsNotHigherStopsARelease() throws Exception {
    scratch.git("tag", "v" + version);
    assertMissing("higher than the last tag", version);
  }

  @Test
  void changelogWithoutASecurityHeadingStopsARelease() throws Exception {
    edit("CHANGELOG.md", "### Security", "### Changed");
    scratch.commit("Bad");
    assertMissing("Security heading", version);
  }

  // r[verify security.1.22]
  @Test
  void oldSnapshotOfAdvisoriesStopsARelease() throws Exception {
    edit(SNAPSHOT, "\"date\" : \"[0-9-]+\"", "\"date\" : \"2025-01-01\"");
    scratch.commit("Bad");
    assertMissing("at most 30 days old", version);
  }

  @Test
  void profileThatIsOlderThanTheCratesStopsARelease() throws Exception {
    scratch.write("native/Cargo.lock", "other crates");
    scratch.commit("Bad");
    assertMissing("profile of the native library", version);
    scratch.write("native/profile/of-them.profdata", "counts");
    scratch.commit("Good");
    assertThat(release(version, "--dry-run").said()).doesNotContain("MISSING");
  }

  @Test
  void policyThatDoesNotSupportTheVersionStopsARelease() throws Exception {
    assertMissing("SECURITY.md supports 77.0.x", "77.0.0");
  }

  @Test
  void wrongArgumentsAreAUsageError() throws Exception {
    assertThat(release("1.0").code()).isEqualTo(2);
    assertThat(release("--dry-run").code()).isEqualTo(2);
    assertThat(release("1.0.0-SNAPSHOT", "--dry-run").code()).isEqualTo(2);
  }

  private void assertMissing(String what, String version) throws Exception {
    Outcome outcome = release(version, "--dry-run");
    assertThat(outcome.code()).as(outcome.said()).isEqualTo(1);
    assertThat(outcome.said().lines().filter(it -> it.contains("MISSING")))
        .anyMatch(it -> it.contains(what));
  }

  private void edit(String file, String regex, String by) throws IOException {
    String text = scratch.repository.text(file);
    String edited = text.replaceFirst(regex, by);
    scratch.write(file, edited);
  }

  private Outcome release(String... arguments) throws IOException, InterruptedException {
    java.util.ArrayList<String> command =
        new java.util.ArrayList<>(List.of("bash", "scripts/release"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), said);
  }
}
