package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SECURITY.md says what it must, and nothing that is not so. */
final class SecurityPolicyTest {
  private static final Repository REPOSITORY = Repository.ofBuild();
  private static final String POLICY = REPOSITORY.text("SECURITY.md");
  private static final Pattern LINK = Pattern.compile("\\[[^]]+]\\(([^)\\s]+)\\)|<(https?:[^>]+)>");

  // r[verify security.1.1]
  @Test
  void theTableOfVersionsNamesThisVersionWithItsPlatforms() {
    List<List<String>> table = table("## Supported versions");
    assertThat(table.getFirst())
        .containsExactly("version", "security fixes", "JDK", "operating system");
    assertThat(table).hasSizeGreaterThanOrEqualTo(3).allMatch(row -> row.size() == 4);
    String version = newestRelease().orElseGet(SecurityPolicyTest::version);
    String line = version.substring(0, version.lastIndexOf('.')) + ".x";
    List<String> row =
        table.stream().filter(it -> it.getFirst().startsWith(line)).findFirst().orElseThrow();
    assertThat(row.get(1)).isEqualTo("yes");
    assertThat(row.get(2)).startsWith(property("java.release") + " or newer");
    assertThat(row.get(3)).contains("Linux");
    assertThat(table.getLast().get(1)).isEqualTo("no");
  }

  // r[verify security.1.1]
  // r[verify security.1.28]
  @ParameterizedTest
  @ValueSource(
      strings = {
        "under construction and not for production",
        "Nobody has audited it.",
        "- JetStream for Java is early in its development and not for production.",
        "- No security audit has been made.",
        "- The API and the security model may change.",
        "CRLs are not read, and OCSP is checked only where a client asks",
      })
  void theHonestLinesStay(String line) {
    assertThat(POLICY).contains(line);
  }

  // r[verify security.1.28]
  @Test
  void theThreatModelHasItsFourAdversariesAndItsBounds() {
    assertThat(table("## Threat model").stream().map(List::getFirst))
        .containsExactly("adversary", "off-path", "on-path", "hostile peer", "hostile local user");
    assertThat(section("## Threat model")).contains("Out of scope:");
  }

  // r[verify security.1.28]
  @Test
  void everyUnstableFeatureOfOurDependenciesIsAdmitted() {
    List<String> unstable =
        Pattern.compile("\"(unstable[-_a-z0-9]*)\"")
            .matcher(REPOSITORY.text("native/Cargo.toml"))
            .results()
            .map(it -> it.group(1))
            .toList();
    assertThat(unstable).isNotEmpty().allSatisfy(it -> assertThat(POLICY).contains("`" + it + "`"));
  }

  // r[verify security.1.3]
  @Test
  void theContactIsOurOwn() {
    String reporting = section("## Reporting a vulnerability");
    assertThat(reporting).contains("private vulnerability reporting", "security@");
    // The project whose protocol this one speaks is another one, with its own contact.
    assertThat(POLICY).doesNotContainIgnoringCase("sevki");
  }

  // r[verify security.1.4]
  @Test
  void aReportHoldsSevenThings() {
    List<String> asked = numbered(section("## Reporting a vulnerability"));
    assertThat(asked).hasSize(2 + 7 + 3); // ways to report, things to tell, steps of disclosure
    List<String> template = numbered(REPOSITORY.text("docs/security/REPORT.md"));
    assertThat(template).hasSize(7);
    assertThat(template.get(3)).contains("`jetstream doctor`");
    assertThat(POLICY).contains("docs/security/REPORT.md");
  }

  // r[verify security.1.5]
  @Test
  void thePromisedTimesAreThere() {
    assertThat(table("## Reporting a vulnerability").stream().map(List::getFirst))
        .containsExactly("when", "within 48 hours", "at least every 7 days", "within 30 days");
  }

  // r[verify security.1.6]
  @Test
  void disclosureIsCoordinated() {
    assertThat(section("### Disclosure"))
        .contains(
            "coordinated", "release a patch", "publish an advisory", "name you as its finder");
  }

  // r[verify security.1.31]
  @Test
  void advisoriesAreInThreePlaces() {
    assertThat(section("### Disclosure"))
        .contains("security advisory of the forge", "docs/advisories", "CHANGELOG.md", "RustSec");
  }

  // r[verify security.1.2]
  @Test
  void theReadmeLeadsHereAndTheIssueTemplatesTurnReportsAway() {
    assertThat(REPOSITORY.text("README.md")).contains("(SECURITY.md)");
    assertThat(POLICY).contains("**Report in private, never in a public issue");
    assertThat(REPOSITORY.text(".github/ISSUE_TEMPLATE/config.yml"))
        .contains(
            "blank_issues_enabled: false", "Never in a public issue", "Report a vulnerability");
    List<String> templates =
        REPOSITORY.files().stream()
            .filter(it -> it.matches("\\.github/ISSUE_TEMPLATE/.*\\.md"))
            .toList();
    assertThat(templates)
        .isNotEmpty()
        .allSatisfy(it ->
            assertThat(REPOSITORY.text(it))
                .contains("do not report it in a public issue", "Report a vulnerability"));
  }

  // r[verify security.1.32]
  @Test
  void linksLeadSomewhere() {
    List<String> links =
        LINK.matcher(POLICY)
            .results()
            .map(it -> it.group(1) != null ? it.group(1) : it.group(2))
            .toList();
    assertThat(links)
        .contains(
            "https://github.com/aws/s2n-quic/blob/main/SECURITY.md",
            "https://github.com/aws/s2n-tls/blob/main/SECURITY.md",
            "https://anssi-fr.github.io/rust-guide/");
    for (String link : links) {
      if (link.startsWith("https://")) {
        // Moved away; a public copy of the old policy still leads there.
        assertThat(link).doesNotContain("s2n-quic/blob/main/docs/SECURITY.md");
      } else {
        assertThat(link).doesNotStartWith("http:");
        String[] parts = link.split("#", 2);
        String file = parts[0].isEmpty() ? "SECURITY.md" : parts[0];
        assertThat(REPOSITORY.file(file)).as(link).exists();
        if (parts.length == 2) {
          assertThat(anchors(REPOSITORY.text(file))).as(link).contains(parts[1]);
        }
      }
    }
  }

  // r[verify security.1.33]
  @Test
  void theDateIsNotOlderThanTheLastRelease() {
    Matcher date =
        Pattern.compile("\\*\\*Last updated: (\\d{4}-\\d\\d-\\d\\d)\\*\\*").matcher(POLICY);
    assertThat(date.find()).isTrue();
    LocalDate updated = LocalDate.parse(date.group(1));
    assertThat(updated).isBeforeOrEqualTo(LocalDate.now(ZoneOffset.UTC).plusDays(1));
    newestRelease()
        .map(tag -> REPOSITORY.git("log", "-1", "--format=%cs", "v" + tag).strip())
        .ifPresent(day -> assertThat(updated).isAfterOrEqualTo(LocalDate.parse(day)));
  }

  @Test
  void everyCallThatIsNamedExists() throws ReflectiveOperationException {
    List<MatchResult> calls =
        Pattern.compile("`(([A-Z]\\w+)(?:\\.(Builder))?)\\.(\\w+)\\(\\)`")
            .matcher(POLICY)
            .results()
            .toList();
    assertThat(calls).hasSizeGreaterThan(15);
    for (MatchResult call : calls) {
      // Names of services begin with the product's.
      String home = call.group(2).startsWith("JetStreamServer") ? "rpc." : "quic.";
      String name = "rs.jetstream." + home + call.group(1).replace('.', '$');
      assertThat(Arrays.stream(Class.forName(name).getMethods()).map(it -> it.getName()))
          .as(call.group())
          .contains(call.group(4));
    }
  }

  @Test
  void everyScriptThatIsNamedExists() {
    for (String script : List.of("certs/generate_certs.sh", "scripts/hooks/pre-commit")) {
      assertThat(Files.isExecutable(REPOSITORY.file(script))).as(script).isTrue();
    }
    assertThat(POLICY).contains("certs/generate_certs.sh", "core.hooksPath scripts/hooks");
  }

  private static String section(String heading) {
    String level = heading.substring(0, heading.indexOf(' ') + 1);
    int start = POLICY.indexOf(heading + "\n");
    assertThat(start).as(heading).isNotNegative();
    int end = POLICY.indexOf("\n" + level, start + 1);
    return POLICY.substring(start, end < 0 ? POLICY.length() : end);
  }

  /** The cells of the first table of a section, without the line below its head. */
  private static List<List<String>> table(String heading) {
    return section(heading)
        .lines()
        .filter(line -> line.startsWith("|") && !line.matches("[|\\- ]+"))
        .map(line -> Stream.of(line.split("\\|")).skip(1).map(String::strip).toList())
        .map(cells -> cells.isEmpty() ? List.of("") : cells)
        .toList();
  }

  private static List<String> numbered(String text) {
    return text.lines().filter(line -> line.matches("\\d\\. .*")).toList();
  }

  private static List<String> anchors(String text) {
    return text.lines()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(java.util.Locale.ROOT))
        .map(line -> line.replaceAll("[^a-z0-9 -]", "").replace(' ', '-'))
        .toList();
  }

  private static Optional<String> newestRelease() {
    return REPOSITORY
        .git("tag", "--list", "v*", "--sort=-version:refname")
        .lines()
        .map(tag -> tag.substring(1))
        .filter(tag -> tag.matches("\\d+\\.\\d+\\.\\d+"))
        .findFirst();
  }

  private static String version() {
    Matcher version =
        Pattern.compile("<version>(\\d+\\.\\d+\\.\\d+)-SNAPSHOT</version>")
            .matcher(REPOSITORY.text("pom.xml"));
    assertThat(version.find()).isTrue();
    return version.group(1);
  }

  private static String property(String name) {
    Matcher property =
        Pattern.compile("<" + name + ">([^<]+)<").matcher(REPOSITORY.text("pom.xml"));
    assertThat(property.find()).isTrue();
    return property.group(1);
  }
}
