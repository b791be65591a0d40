package rs.jetstream.audit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which code fulfils each row of the security policy, and which test proves it: gathered from the
 * tags {@code impl security.N} and {@code verify security.N} beside them, and written to {@link
 * #FILE}.
 */
public final class Coverage {
  /** Where it is written. */
  public static final String FILE = "docs/security/coverage.md";

  /**
   * What is not there yet, by row: such a row may have an empty cell, and says here what it still
   * needs. It leaves this list in the change that brings it.
   */
  static final Map<String, String> OWED = Map.of();

  private static final Pattern TAG = Pattern.compile("r\\[(impl|verify) security\\.(\\d+\\.\\d+)]");
  private static final Pattern TEXT =
      Pattern.compile(".*\\.(java|rs|sh|md|toml|yml|xml)|(.*/)?[a-z-]+");

  /** The declaration below a tag. */
  private static final Pattern DECLARED =
      Pattern.compile(
          "\\b(?:class|record|enum|interface|struct|const|static|fn|void) (\\w+)[ (;:{<]"
              + "|^  (?:[\\w<>\\[\\], .?]+ )(\\w+)\\(");

  private record Place(String file, String name) {
    String link() {
      String label = name.isEmpty() ? file : file.substring(file.lastIndexOf('/') + 1) + " " + name;
      return "[" + label.replace("|", "\\|") + "](../../" + file.replace(" ", "%20") + ")";
    }
  }

  private final Map<String, String> rows = rows();
  private final Map<String, List<Place>> fulfilled = new LinkedHashMap<>();
  private final Map<String, List<Place>> proven = new LinkedHashMap<>();
  private final List<String> flaws = new ArrayList<>();

  /** Gathers the tags of all files. */
  public Coverage(Repository repository) {
    for (String file : repository.files()) {
      if (TEXT.matcher(file).matches() && !file.equals(FILE)) {
        gather(file, repository.text(file).lines().toList());
      }
    }
    for (String row : rows.keySet()) {
      if (!OWED.containsKey(row)) {
        if (!fulfilled.containsKey(row)) {
          flaws.add("row " + row + ": nothing is tagged r[impl security." + row + "]");
        }
        if (!proven.containsKey(row)) {
          flaws.add("row " + row + ": no test is tagged r[verify security." + row + "]");
        }
      }
    }
  }

  private static Map<String, String> rows() {
    try (InputStream in = Coverage.class.getResourceAsStream("rows.txt")) {
      if (in == null) {
        throw new IllegalStateException("rows.txt is missing");
      }
      Map<String, String> rows = new LinkedHashMap<>();
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        int bar = line.indexOf(" | ");
        rows.put(line.substring(0, bar), line.substring(bar + 3));
      }
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException("rows.txt cannot be read", e);
    }
  }

  private void gather(String file, List<String> lines) {
    for (int i = 0; i < lines.size(); i++) {
      Matcher tag = TAG.matcher(lines.get(i));
      while (tag.find()) {
        boolean verify = tag.group(1).equals("verify");
        String row = tag.group(2);
        Place place = new Place(file, declared(file, lines, i + 1));
        if (!rows.containsKey(row)) {
          flaws.add(file + " line " + (i + 1) + ": there is no row " + row);
        } else if (verify && place.name.isEmpty()) {
          flaws.add(file + " line " + (i + 1) + ": the tag is above no test");
        } else {
          List<Place> places =
              (verify ? proven : fulfilled).computeIfAbsent(row, it -> new ArrayList<>());
          if (!places.contains(place)) {
            places.add(place);
          }
        }
      }
    }
  }

  /** The name of what is declared next; empty where files declare nothing. */
  private static String declared(String file, List<String> lines, int from) {
    if (!file.endsWith(".java") && !file.endsWith(".rs")) {
      return "";
    }
    for (String line : lines.subList(from, Math.min(lines.size(), from + 16))) {
      String code = line.strip();
      if (code.startsWith("//") || code.startsWith("@") || code.startsWith("#[")) {
        continue;
      }
      Matcher declaration = DECLARED.matcher(line);
      if (declaration.find()) {
        return declaration.group(1) != null ? declaration.group(1) : declaration.group(2);
      }
    }
    return "";
  }

  /** What is missing, or wrong. */
  public List<String> flaws() {
    return flaws;
  }

  /** What the file must say. */
  public String text() {
    StringJoiner lines = new StringJoiner("\n", "", "\n");
    lines.add("# The security policy, row by row");
    lines.add("");
    lines.add(
        "Written by `mvn verify -Daudit=apply` from the tags beside code and tests; the build fails"
            + " when it is stale, or when a");
    lines.add("cell is empty that is not owed. The rows follow [SECURITY.md](../../SECURITY.md).");
    lines.add("");
    lines.add("| row | what | fulfilled by | proven by |");
    lines.add("| --- | --- | --- | --- |");
    rows.forEach((row, what) -> {
      String owed = OWED.containsKey(row) ? ". **Owed:** " + OWED.get(row) : "";
      lines.add(
          "| "
              + row
              + " | "
              + what
              + owed
              + " | "
              + cell(fulfilled, row)
              + " | "
              + cell(proven, row)
              + " |");
    });
    return lines.toString();
  }

  private static String cell(Map<String, List<Place>> places, String row) {
    return String.join(
        "<br>", places.getOrDefault(row, List.of()).stream().map(Place::link).toList());
  }
}
