package rs.jetstream.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.maven.artifact.versioning.DefaultArtifactVersion;
import org.apache.maven.artifact.versioning.InvalidVersionSpecificationException;
import org.apache.maven.artifact.versioning.VersionRange;
import org.semver4j.Semver;

/** A dated list of known vulnerabilities, and whether a version has one. */
// r[impl security.1.21]
// r[impl security.1.22]
public final class Advisories {
  private record Advisory(String id, String named, String affected, String what) {}

  private final LocalDate date;
  private final List<Advisory> crates;
  private final List<Advisory> jars;

  private Advisories(LocalDate date, List<Advisory> crates, List<Advisory> jars) {
    this.date = date;
    this.crates = crates;
    this.jars = jars;
  }

  /** The list that is kept in the repository. */
  public static Advisories kept() {
    try (InputStream in = Advisories.class.getResourceAsStream("advisories.json")) {
      if (in == null) {
        throw new IllegalStateException("advisories.json is missing");
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("advisories.json cannot be read", e);
    }
  }

  /** Reads a list, and refuses one with a flaw. */
  public static Advisories parse(String json) {
    try {
      JsonNode it = new ObjectMapper().readTree(json);
      Advisories list =
          new Advisories(
              LocalDate.parse(it.path("date").asText()),
              list(it.path("crates")),
              list(it.path("jars")));
      // A range that cannot be read would let everything pass.
      list.crates.forEach(advisory -> hits(advisory, "0.0.0"));
      list.jars.forEach(advisory -> range(advisory));
      return list;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static List<Advisory> list(JsonNode entries) {
    List<Advisory> advisories = new ArrayList<>();
    for (JsonNode it : entries) {
      Advisory advisory =
          new Advisory(
              it.path("id").asText(),
              it.path("package").asText(),
              it.path("affected").asText(),
              it.path("what").asText());
      if (!advisory.id.matches("(RUSTSEC|CVE|GHSA)-[0-9a-z-]+") || advisory.named.isBlank()) {
        throw new IllegalArgumentException("an advisory without id or package: " + it);
      }
      advisories.add(advisory);
    }
    return List.copyOf(advisories);
  }

  /** When it was last brought up to date. */
  public LocalDate date() {
    return date;
  }

  /** Days since then. */
  public long age() {
    return ChronoUnit.DAYS.between(date, LocalDate.now(ZoneOffset.UTC));
  }

  /** How many there are. */
  public int size() {
    return crates.size() + jars.size();
  }

  /** One sentence for each known vulnerability of this version of a crate. */
  public List<String> ofCrate(String name, String version) {
    return crates.stream()
        .filter(it -> it.named.equals(name) && hits(it, version))
        .map(it -> sentence(it, version))
        .toList();
  }

  /** One sentence for each known vulnerability of this version of {@code group:artifact}. */
  public List<String> ofJar(String coordinate, String version) {
    return jars.stream()
        .filter(it -> it.named.equals(coordinate))
        .filter(it -> range(it).containsVersion(new DefaultArtifactVersion(version)))
        .map(it -> sentence(it, version))
        .toList();
  }

  private static String sentence(Advisory it, String version) {
    return it.named
        + " "
        + version
        + " has "
        + it.id
        + " ("
        + it.what
        + "): affected is "
        + it.affected;
  }

  private static boolean hits(Advisory advisory, String version) {
    Semver it = Semver.parse(version);
    if (it == null) {
      throw new IllegalArgumentException(advisory.named + " has version " + version);
    }
    if (!advisory.affected.matches(
        "[<>=]=?\\d[\\d.]*( [<>]=?\\d[\\d.]*)?( \\|\\| [<>=]=?\\d[\\d.]*( [<>]=?\\d[\\d.]*)?)*")) {
      throw new IllegalArgumentException(advisory.id + " has range " + advisory.affected);
    }
    return it.satisfies(advisory.affected);
  }

  private static VersionRange range(Advisory advisory) {
    try {
      VersionRange range = VersionRange.createFromVersionSpec(advisory.affected);
      if (!range.hasRestrictions()) {
        throw new IllegalArgumentException(advisory.id + " has range " + advisory.affected);
      }
      return range;
    } catch (InvalidVersionSpecificationException e) {
      throw new IllegalArgumentException(advisory.id + " has range " + advisory.affected, e);
    }
  }
}
