package rs.jetstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.rpc.JetStreamServer;

/** The guides' code is the examples' code, and does what the first guide says. */
@Timeout(60)
final class GuideTest {
  private static final Path HOME = Path.of(System.getProperty("jetstream.home"));
  private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/guide/first-service.md", "docs/guide/values.md"})
  void everyPieceOfCodeIsInAnExample(String name) throws Exception {
    StringBuilder sources = new StringBuilder();
    sources.append(
        Files.readString(HOME.resolve("cli/src/test/java/rs/jetstream/cli/ReadmeExample.java")));
    try (Stream<Path> files = Files.walk(HOME.resolve("examples/src"))) {
      for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
        sources.append(Files.readString(file));
      }
    }
    String withoutIndentation = unindented(sources.toString());
    String guide = Files.readString(HOME.resolve(name));
    List<String> pieces = CODE.matcher(guide).results().map(MatchResult::group).toList();
    assertThat(pieces).hasSizeGreaterThanOrEqualTo(4);
    for (String piece : pieces) {
      String code = piece.substring("```java\n".length(), piece.length() - "```".length());
      assertThat(withoutIndentation).contains(unindented(code));
    }
  }

  private static String unindented(String code) {
    return code.lines().map(String::strip).reduce("", (all, line) -> all + line + "\n");
  }

  @Test
  void theServiceGreets(@TempDir Path folder) throws Exception {
    Path certs = folder.resolve("certs");
    Process script =
        new ProcessBuilder(
                "bash", HOME.resolve("certs/generate_certs.sh").toString(), certs.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(script.waitFor()).as(said).isZero();
    try (JetStreamServer server = GreetingServer.open(certs, 0)) {
      int port = server.localAddress().getPort();
      assertThat(GreetingClient.greet(certs, port, "Ada"))
          .isEqualTo("Hello, Ada, from JetStream test client TEST ONLY!");
    }
  }
}
