package rs.jetstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ReadmeTest {
  private static final Path HOME = Path.of(System.getProperty("jetstream.home"));

  @TempDir private Path folder;

  @Test
  void exampleWorks() throws Exception {
    Path certs = folder.resolve("certs");
    Process script =
        new ProcessBuilder(HOME.resolve("certs/generate_certs.sh").toString(), certs.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(script.waitFor()).as(said).isZero();
    assertThat(said).contains("TEST ONLY");
    assertThat(ReadmeExample.greet(certs)).isEqualTo("Hello, world!");
  }

  @Test
  void exampleIsWhatTheReadmeShows() throws IOException {
    String source =
        Files.readString(HOME.resolve("cli/src/test/java/rs/jetstream/cli/ReadmeExample.java"));
    String example = between(source, "// README begins\n", "  // README ends").indent(-2);
    String shown = between(Files.readString(HOME.resolve("README.md")), "```java\n", "```");
    assertThat(shown).isEqualTo(example);
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from));
  }
}
