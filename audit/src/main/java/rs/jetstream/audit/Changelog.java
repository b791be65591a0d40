package rs.jetstream.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds what is wrong with a changelog in the form of Keep a Changelog 1.1.0. */
public final class Changelog {
  private static final Set<String> KINDS =
      Set.of("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security");
  private static final Pattern RELEASE =
      Pattern.compile("## \\[(\\d+\\.\\d+\\.\\d+)\\] - (\\d{4}-\\d{2}-\\d{2})");
  private static final String UNRELEASED = "## [Unreleased]";

  private Changelog() {}

  /** One sentence for each flaw, with its line. */
  public static List<String> flaws(String text) {
    List<String> flaws = new ArrayList<>();
    List<String> kinds = new ArrayList<>();
    List<String> versions = new ArrayList<>();
    String lastDate = "9999-99-99";
    boolean unreleasedSecurity = false;
    String kind = "";
    int entries = 1;
    int number = 0;
    List<String> lines = new ArrayList<>(text.lines().toList());
    lines.add("## end");
    for (String line : lines) {
      number++;
      if (line.startsWith("## ") || line.startsWith("### ")) {
        if (entries == 0) {
          flaws.add("line " + number + ": nothing stands under '" + kind + "' above");
        }
        entries = 1;
      }
      if (line.equals(UNRELEASED)) {
        if (!versions.isEmpty()) {
          flaws.add("line " + number + ": [Unreleased] must be the first");
        }
        versions.add("Unreleased");
        kinds.clear();
      } else if (number == lines.size()) {
        break; // the mark behind the last line
      } else if (line.startsWith("## ")) {
        Matcher release = RELEASE.matcher(line);
        kinds.clear();
        if (!release.matches()) {
          flaws.add("line " + number + ": '" + line + "' is not '## [1.2.3] - 2026-01-31'");
          continue;
        }
        if (versions.contains(release.group(1))) {
          flaws.add("line " + number + ": " + release.group(1) + " is there twice");
        }
        if (release.group(2).compareTo(lastDate) > 0) {
          flaws.add("line " + number + ": newer than the release above it");
        }
        lastDate = release.group(2);
        versions.add(release.group(1));
      } else if (line.startsWith("### ")) {
        kind = line.substring(4);
        entries = 0;
        if (!KINDS.contains(kind)) {
          flaws.add(
              "line " + number + ": '" + kind + "' is none of " + KINDS.stream().sorted().toList());
        }
        if (kinds.contains(kind)) {
          flaws.add("line " + number + ": '" + kind + "' is there twice");
        }
        kinds.add(kind);
        unreleasedSecurity |= kind.equals("Security") && versions.equals(List.of("Unreleased"));
      } else if (line.startsWith("- ")) {
        entries++;
      } else if (!line.isBlank() && !line.startsWith("  ") && !kinds.isEmpty()) {
        flaws.add("line " + number + ": neither a heading nor an entry");
      }
    }
    if (!versions.contains("Unreleased")) {
      flaws.add("there is no '" + UNRELEASED + "'");
    } else if (!unreleasedSecurity) {
      flaws.add("[Unreleased] has no '### Security'");
    }
    return flaws;
  }
}
