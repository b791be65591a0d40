package rs.jetstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class MainTest {
  @Test
  void versionIsThatOfTheModule() {
    StringWriter out = new StringWriter();
    int exit = Main.commandLine().setOut(new PrintWriter(out)).execute("--version");
    assertThat(exit).isZero();
    assertThat(out.toString()).matches("jetstream \\d+\\.\\d+\\.\\d+.*\\R");
  }

  @Test
  void noCommandIsAUsageError() {
    StringWriter err = new StringWriter();
    int exit = Main.commandLine().setErr(new PrintWriter(err)).execute();
    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).startsWith("Which command?");
  }
}
