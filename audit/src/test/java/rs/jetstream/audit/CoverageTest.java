package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each row of the policy has its code and its test. */
@Timeout(60)
final class CoverageTest {
  @TempDir Path folder;

  @Test
  void noCellIsEmptyAndTheFileIsWhatTheTagsSay() throws IOException {
    Repository repository = Repository.ofBuild();
    Coverage coverage = new Coverage(repository);
    if (Repository.applies()) {
      Files.writeString(repository.file(Coverage.FILE), coverage.text());
    }
    Coverage.OWED.forEach((row, what) -> System.out.println("security." + row + " owes " + what));
    assertThat(coverage.flaws()).isEmpty();
    assertThat(repository.text(Coverage.FILE))
        .as("%s is stale: run mvn verify -Daudit=apply", Coverage.FILE)
        .isEqualTo(coverage.text());
    assertThat(coverage.text().lines().filter(it -> it.startsWith("| 1."))).hasSize(33);
  }

  @Test
  void whatIsMissingOrWrongIsFound() throws IOException {
    ScratchRepository scratch = new ScratchRepository(folder);
    // In parts, so that these are no tags themselves.
    String impl = "r[" + "impl security.";
    String verify = "r[" + "verify security.";
    scratch.write("A.java", "// " + impl + "1.1]\n@Nice\nfinal class A {}\n");
    scratch.write("ATest.java", "  // " + verify + "1.1]\n  @Test\n  void itHolds() {\n");
    scratch.write("b.md", "<!-- " + impl + "1.2] -->\n");
    scratch.write("CTest.java", "// " + verify + "1.3]\n");
    scratch.write("d.rs", "// " + impl + "1.99]\nfn d() {}\n");
    Coverage coverage = new Coverage(scratch.repository);
    assertThat(coverage.text())
        .contains(
            "[A.java A](../../A.java)",
            "[ATest.java itHolds](../../ATest.java)",
            "[b.md](../../b.md)");
    assertThat(coverage.flaws())
        .contains(
            "CTest.java line 1: the tag is above no test", "d.rs line 1: there is no row 1.99")
        .anyMatch(it -> it.startsWith("row 1.2: no test"))
        .anyMatch(it -> it.startsWith("row 1.3: nothing"))
        .noneMatch(it -> it.startsWith("row 1.1:"));
  }
}
