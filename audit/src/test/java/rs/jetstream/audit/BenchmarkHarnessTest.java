package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The arithmetic of what is published as figures: its own tests, which are written in its language.
 */
@Timeout(60)
final class BenchmarkHarnessTest {
  @Test
  void itsOwnTestsPass() throws Exception {
    assumeTrue(hasPython(), "python3 is not installed; only the benchmarks need it");
    ProcessBuilder tests =
        new ProcessBuilder("python3", "-B", "-m", "unittest", "discover", "benchmarks/tests")
            .directory(Repository.ofBuild().file(".").toFile())
            .redirectErrorStream(true);
    Process run = tests.start();
    String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(run.waitFor()).as(said).isZero();
    assertThat(said).containsPattern("Ran [1-9]\\d* tests");
  }

  private static boolean hasPython() throws InterruptedException {
    try {
      return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
