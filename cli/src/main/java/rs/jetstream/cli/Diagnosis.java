package rs.jetstream.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import rs.jetstream.cli.Finding.Level;

/** What an examination brought: facts by section, and findings; for people or as JSON. */
final class Diagnosis {
  private final Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();

  /** Records a fact: text, number, truth value, or a list of texts. */
  void fact(String section, String name, Object value) {
    sections.computeIfAbsent(section, it -> new LinkedHashMap<>()).put(name, value);
  }

  void note(String about, String what, String advice) {
    findings.add(new Finding(Level.NOTE, about, what, advice));
  }

  void warning(String about, String what, String advice) {
    findings.add(new Finding(Level.WARNING, about, what, advice));
  }

  void weakness(String about, String what, String advice) {
    findings.add(new Finding(Level.WEAKNESS, about, what, advice));
  }

  List<Finding> findings() {
    return findings;
  }

  Level worst() {
    return findings.stream().map(Finding::level).max(Level::compareTo).orElse(Level.NOTE);
  }

  void print(Report report) {
    report.title("JetStream for Java " + Main.version());
    sections.forEach((section, facts) -> {
      report.section(section);
      facts.forEach((name, value) -> report.line(name, text(value)));
    });
    report.section("Findings");
    if (findings.isEmpty()) {
      report.line("none", "");
    }
    for (Finding it : findings) {
      report.line(it.level().name().toLowerCase(Locale.ROOT), it.about() + ": " + it.what());
      if (!it.advice().isEmpty()) {
        report.line("", it.advice());
      }
    }
    report.blank();
    report.title(verdict());
  }

  private String verdict() {
    long weaknesses = count(Level.WEAKNESS);
    long warnings = count(Level.WARNING);
    if (weaknesses + warnings == 0) {
      return "All well.";
    }
    return "%d weaknesses, %d warnings.".formatted(weaknesses, warnings);
  }

  private long count(Level level) {
    return findings.stream().filter(it -> it.level() == level).count();
  }

  private static String text(Object value) {
    return value instanceof List<?> list
        ? String.join(", ", list.stream().map(String::valueOf).toList())
        : String.valueOf(value);
  }

  void printJson(PrintWriter out) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("jetstream", Main.version());
    all.putAll(sections);
    all.put(
        "findings",
        findings.stream()
            .map(it -> {
              Map<String, Object> finding = new LinkedHashMap<>();
              finding.put("level", it.level().name().toLowerCase(Locale.ROOT));
              finding.put("about", it.about());
              finding.put("what", it.what());
              finding.put("advice", it.advice());
              return finding;
            })
            .toList());
    all.put("worst", findings.isEmpty() ? "none" : worst().name().toLowerCase(Locale.ROOT));
    out.println(JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(all));
    out.flush();
  }
}
