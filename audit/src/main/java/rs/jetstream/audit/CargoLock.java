package rs.jetstream.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.util.ArrayList;
import java.util.List;

/** What a {@code Cargo.lock} pins. */
public final class CargoLock {
  /**
   * A crate.
   *
   * @param source where it comes from; empty for a crate of the repository
   * @param checksum SHA-256 of its archive; empty where there is none
   */
  public record Crate(String name, String version, String source, String checksum) {
    /** Whether it is one of ours. */
    public boolean isOurs() {
      return source.isEmpty();
    }
  }

  private CargoLock() {}

  /** Reads the crates of a lock file. */
  public static List<Crate> parse(String toml) {
    try {
      List<Crate> crates = new ArrayList<>();
      for (JsonNode it : new TomlMapper().readTree(toml).path("package")) {
        crates.add(
            new Crate(
                it.path("name").asText(),
                it.path("version").asText(),
                it.path("source").asText(),
                it.path("checksum").asText()));
      }
      if (crates.isEmpty()) {
        throw new IllegalArgumentException("a lock file without a package");
      }
      return crates;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a lock file: " + e.getOriginalMessage(), e);
    }
  }
}
