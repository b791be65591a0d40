package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tables of a document in Markdown whose rows link the tests that show them. */
final class TestTable {
  private static final Pattern USE = Pattern.compile("\\[`(\\w+)`\\]\\[(\\w+)\\]");
  private static final Pattern LINK = Pattern.compile("(?m)^\\[(\\w+)\\]: (\\S+)$");
  private static final Pattern TABLE = Pattern.compile("(?m)(^\\|.*\\n){2}((^\\|.*\\n)+)");

  private final String text;

  /** The text of each linked file, by the name of the link. */
  private final Map<String, String> linked = new HashMap<>();

  /** Reads the document at {@code path}; each of its links has to lead to a file. */
  TestTable(Repository repository, String path) {
    text = repository.text(path);
    Path root = repository.file("").normalize();
    Matcher link = LINK.matcher(text);
    while (link.find()) {
      Path file = repository.file(path).resolveSibling(link.group(2)).normalize();
      assertThat(file).isRegularFile();
      linked.put(link.group(1), repository.text(root.relativize(file).toString()));
    }
  }

  /** The rows of all tables of the document, without their heads. */
  List<String> rows() {
    return rowsIn(text);
  }

  /** The rows of the tables below the heading {@code title}. */
  List<String> rows(String title) {
    String heading = "\n## " + title + "\n";
    assertThat(text).contains(heading);
    return rowsIn(text.substring(text.indexOf(heading) + heading.length()).split("\n## ", 2)[0]);
  }

  private static List<String> rowsIn(String text) {
    return TABLE.matcher(text).results().flatMap(table -> table.group(2).lines()).toList();
  }

  /**
   * Each row links at least one test, each test is there, and there is no link that is not used.
   */
  void assertEachRowIsShownByTests() {
    for (String row : rows()) {
      assertThat(USE.matcher(row).find()).as("a test in %s", row).isTrue();
    }
    List<String> used =
        USE.matcher(text)
            .results()
            .map(use -> {
              assertThat(linked).containsKey(use.group(2));
              assertThat(linked.get(use.group(2)))
                  .as(use.group(1))
                  .containsPattern("(void|fn) " + use.group(1) + "\\(");
              return use.group(2);
            })
            .distinct()
            .toList();
    assertThat(linked.keySet()).containsExactlyInAnyOrderElementsOf(used);
  }
}
