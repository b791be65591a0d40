package rs.jetstream.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** Finds what is wrong with an advisory of ours in the OSV format, version 1.7. */
public final class AdvisoryFile {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> KNOWN =
      Set.of(
          "schema_version",
          "id",
          "published",
          "modified",
          "withdrawn",
          "aliases",
          "related",
          "upstream",
          "summary",
          "details",
          "severity",
          "affected",
          "references",
          "credits",
          "database_specific");
  private static final Set<String> ECOSYSTEMS = Set.of("Maven", "crates.io");
  private static final Set<String> REFERENCES =
      Set.of(
          "ADVISORY",
          "ARTICLE",
          "DETECTION",
          "DISCUSSION",
          "REPORT",
          "FIX",
          "GIT",
          "PACKAGE",
          "EVIDENCE",
          "WEB");
  private static final Set<String> CREDITS =
      Set.of(
          "FINDER",
          "REPORTER",
          "ANALYST",
          "COORDINATOR",
          "REMEDIATION_DEVELOPER",
          "REMEDIATION_REVIEWER",
          "REMEDIATION_VERIFIER",
          "TOOL",
          "SPONSOR",
          "OTHER");

  private final String name;
  private final List<String> flaws = new ArrayList<>();

  private AdvisoryFile(String name) {
    this.name = name;
  }

  /** One sentence for each flaw of the file of this name and text. */
  public static List<String> flaws(String name, String text) {
    AdvisoryFile file = new AdvisoryFile(name);
    try {
      file.check(JSON.readTree(text));
    } catch (JsonProcessingException e) {
      file.flaw("is not JSON: " + e.getOriginalMessage());
    }
    return file.flaws;
  }

  private void flaw(String what) {
    flaws.add(name + " " + what);
  }

  private void check(JsonNode it) {
    if (!it.isObject()) {
      flaw("is not an object");
      return;
    }
    for (Iterator<String> names = it.fieldNames(); names.hasNext(); ) {
      String field = names.next();
      if (!KNOWN.contains(field)) {
        flaw("has a field '" + field + "' that OSV does not know");
      }
    }
    if (!it.path("schema_version").asText().matches("1\\.\\d+\\.\\d+")) {
      flaw("has no schema_version 1.x.y");
    }
    String id = it.path("id").asText();
    if (!id.matches("JSA-\\d{4}-\\d{4}") || !name.equals(id + ".json")) {
      flaw("has id '" + id + "': it must be JSA-YYYY-NNNN, and the file's name");
    }
    Instant published = instant(it, "published");
    if (instant(it, "modified").isBefore(published)) {
      flaw("was modified before it was published");
    }
    text(it, "summary");
    text(it, "details");
    for (JsonNode severity : list(it, "severity")) {
      if (!severity.path("type").asText().matches("CVSS_V[34]")
          || !severity.path("score").asText().matches("CVSS:[34]\\.\\d(/[A-Z]{1,3}:[A-Z])+")) {
        flaw("has a severity that is no CVSS vector: " + severity);
      }
    }
    for (JsonNode affected : list(it, "affected")) {
      affected(affected);
    }
    for (JsonNode reference : list(it, "references")) {
      if (!REFERENCES.contains(reference.path("type").asText())
          || !reference.path("url").asText().startsWith("https://")) {
        flaw("has a reference without a known type or an https url: " + reference);
      }
    }
    for (JsonNode credit : list(it, "credits")) {
      text(credit, "name");
      if (!CREDITS.contains(credit.path("type").asText())) {
        flaw("has a credit of no known type: " + credit);
      }
    }
  }

  private void affected(JsonNode affected) {
    JsonNode named = affected.path("package");
    text(named, "name");
    if (!ECOSYSTEMS.contains(named.path("ecosystem").asText())) {
      flaw("affects a package of neither " + ECOSYSTEMS.stream().sorted().toList());
    }
    for (JsonNode range : list(affected, "ranges")) {
      boolean introduced = false;
      boolean fixed = false;
      for (JsonNode event : list(range, "events")) {
        introduced |= event.hasNonNull("introduced");
        fixed |= event.hasNonNull("fixed") || event.hasNonNull("last_affected");
      }
      if (!introduced || !fixed) {
        flaw("has a range without a version that introduced it, or without one that fixed it");
      }
    }
  }

  private Instant instant(JsonNode it, String field) {
    try {
      return Instant.parse(it.path(field).asText());
    } catch (DateTimeParseException e) {
      flaw("has no " + field + " as in 2026-12-31T09:00:00Z");
      return Instant.EPOCH;
    }
  }

  private void text(JsonNode it, String field) {
    if (it.path(field).asText().isBlank()) {
      flaw("has no " + field);
    }
  }

  private List<JsonNode> list(JsonNode it, String field) {
    List<JsonNode> items = new ArrayList<>();
    it.path(field).forEach(items::add);
    if (items.isEmpty()) {
      flaw("has no " + field);
    }
    return items;
  }
}
