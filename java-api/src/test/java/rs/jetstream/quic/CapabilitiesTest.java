package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table of capabilities links a test in each row, and each link leads somewhere. */
final class CapabilitiesTest {
  private static final Path GUIDE = Path.of("..", "docs", "guide", "capabilities.md");
  private static final Pattern USE = Pattern.compile("\\[[A-Za-z. ]+\\]\\[(\\d+)\\]");
  private static final Pattern LINK = Pattern.compile("(?m)^\\[(\\d+)\\]: (\\S+)$");

  @Test
  void eachRowLinksATestThatIsThere() throws Exception {
    String text = Files.readString(GUIDE);
    Set<String> linked = new HashSet<>();
    Matcher link = LINK.matcher(text);
    while (link.find()) {
      linked.add(link.group(1));
      assertThat(GUIDE.resolveSibling(link.group(2))).isRegularFile();
    }
    Set<String> used = new HashSet<>();
    long rows =
        text.lines()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| ---"))
            .filter(line -> !line.startsWith("| capability "))
            .peek(line -> {
              Matcher use = USE.matcher(line);
              assertThat(use.find()).as(line).isTrue();
              do {
                used.add(use.group(1));
              } while (use.find());
            })
            .count();
    assertThat(rows).isGreaterThan(30);
    assertThat(used).isEqualTo(linked);
  }
}
