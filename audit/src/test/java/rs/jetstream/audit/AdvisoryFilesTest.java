package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our own advisories hold to the OSV format; the example in their README does too. */
final class AdvisoryFilesTest {
  private static final String FOLDER = "docs/advisories/";
  private static final String EXAMPLE = example();

  // r[verify security.1.6]
  @Test
  void everyAdvisoryHoldsToTheFormatAndIsInTheChangelog() {
    Repository repository = Repository.ofBuild();
    List<String> files =
        repository.files().stream().filter(it -> it.startsWith(FOLDER)).sorted().toList();
    assertThat(files).contains(FOLDER + "README.md");
    for (String file : files) {
      if (!file.equals(FOLDER + "README.md")) {
        String name = file.substring(FOLDER.length());
        assertThat(AdvisoryFile.flaws(name, repository.text(file))).isEmpty();
        assertThat(repository.text("CHANGELOG.md")).contains(name.replace(".json", ""));
      }
    }
  }

  @Test
  void theExampleHoldsToTheFormat() {
    assertThat(AdvisoryFile.flaws("JSA-2026-0001.json", EXAMPLE)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"JSA-2026-0001\" | \"JSA-1\" | must be JSA-YYYY-NNNN",
        "\"published\": \"2026-12-01T09:00:00Z\" | \"published\": \"yesterday\" | no published",
        "\"modified\": \"2026-12-01T09:00:00Z\" | \"modified\": \"2025-12-01T09:00:00Z\" | before"
            + " it was published",
        "\"summary\" | \"sumary\" | does not know",
        "One line: who can do what | '' | no summary",
        "CVSS:3.1/AV:N | high/AV:N | no CVSS vector",
        "\"Maven\" | \"npm\" | of neither",
        "{\"fixed\": \"0.1.1\"} | {\"introduced\": \"0.2\"} | without one that fixed it",
        "https://github.com | http://github.com | an https url",
        "\"FINDER\" | \"FRIEND\" | no known type",
        "\"schema_version\": \"1.7.0\", | '' | no schema_version",
        "] | ) | is not JSON",
      })
  void aFlawIsFound(String what, String by, String flaw) {
    String bad = EXAMPLE.replace(what, by);
    assertThat(bad).isNotEqualTo(EXAMPLE);
    assertThat(AdvisoryFile.flaws("JSA-2026-0001.json", bad)).anyMatch(it -> it.contains(flaw));
  }

  private static String example() {
    String readme = Repository.ofBuild().text(FOLDER + "README.md");
    int start = readme.indexOf("```json\n") + "```json\n".length();
    return readme.substring(start, readme.indexOf("```", start));
  }
}
