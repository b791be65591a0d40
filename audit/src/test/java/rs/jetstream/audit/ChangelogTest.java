package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChangelogTest {
  private static final String GOOD =
      """
      # Changelog

      ## [Unreleased]

      ### Security

      - A thing,
        in two lines.

      ## [0.2.0] - 2026-02-01

      ### Added

      - Another.

      ## [0.1.0] - 2026-01-01

      ### Fixed

      - A third.
      """;

  // r[verify security.1.6]
  // r[verify security.1.31]
  @Test
  void theChangelogHasNoFlaw() {
    assertThat(Changelog.flaws(Repository.ofBuild().text("CHANGELOG.md"))).isEmpty();
    assertThat(Changelog.flaws(GOOD)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "### Security | ### Added | has no '### Security'",
        "## [Unreleased] | ## [0.3.0] - 2026-03-01 | there is no '## [Unreleased]'",
        "### Added | ### Invented | none of",
        "## [0.1.0] - 2026-01-01 | ## [0.1.0] - 2027-01-01 | newer than the release above",
        "## [0.1.0] - 2026-01-01 | ## 0.1.0 | is not '## [1.2.3]",
        "## [0.1.0] - 2026-01-01 | ## [0.2.0] - 2026-01-01 | twice",
        "- Another. | '' | nothing stands under",
        "- Another. | Another. | neither a heading nor an entry",
      })
  void aFlawIsFound(String what, String by, String flaw) {
    String bad = GOOD.replace(what, by);
    assertThat(bad).isNotEqualTo(GOOD);
    assertThat(Changelog.flaws(bad)).isNotEmpty().anyMatch(it -> it.contains(flaw));
  }
}
