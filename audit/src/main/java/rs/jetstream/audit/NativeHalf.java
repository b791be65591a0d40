package rs.jetstream.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The crates that the native library is made of, as cargo resolves them for this platform. */
public final class NativeHalf {
  /**
   * A crate that is linked into the library, or runs when it is built; never one for tests alone.
   *
   * @param needs ids of the crates that it needs, {@code name version}
   */
  public record Crate(String name, String version, String licence, List<String> needs) {
    /** Name and version. */
    public String id() {
      return name + " " + version;
    }
  }

  private static final String ROOT = "jetstream-native";

  private NativeHalf() {}

  /** Asks cargo, which fails where the lock file is not what the manifest says. */
  public static List<Crate> crates(Repository repository) {
    return crates(repository, host(repository));
  }

  private static String host(Repository repository) {
    return repository
        .run(List.of("rustc", "-vV"))
        .lines()
        .filter(line -> line.startsWith("host: "))
        .map(line -> line.substring("host: ".length()))
        .findFirst()
        .orElseThrow();
  }

  /** As {@link #crates(Repository)}, for another platform, whether it is installed or not. */
  public static List<Crate> crates(Repository repository, String target) {
    return parse(
        repository.run(
            List.of(
                "cargo",
                "metadata",
                "--locked",
                "--format-version=1",
                "--filter-platform=" + target,
                "--manifest-path=" + repository.file("native/Cargo.toml"))));
  }

  static List<Crate> parse(String metadata) {
    try {
      JsonNode all = new ObjectMapper().readTree(metadata);
      Map<String, JsonNode> packages = new HashMap<>();
      all.path("packages").forEach(it -> packages.put(it.path("id").asText(), it));
      Map<String, JsonNode> nodes = new HashMap<>();
      all.path("resolve").path("nodes").forEach(it -> nodes.put(it.path("id").asText(), it));
      Deque<String> open = new ArrayDeque<>();
      packages.forEach((id, it) -> {
        if (it.path("name").asText().equals(ROOT)) {
          open.add(id);
        }
      });
      Map<String, Crate> found = new TreeMap<>();
      while (!open.isEmpty()) {
        String id = open.pop();
        JsonNode it = packages.get(id);
        if (it == null || found.containsKey(name(it))) {
          continue;
        }
        List<String> needs = new ArrayList<>();
        JsonNode node = nodes.get(id);
        if (node != null) {
          for (JsonNode dependency : node.path("deps")) {
            JsonNode needed = packages.get(dependency.path("pkg").asText());
            if (needed != null && isShipped(dependency)) {
              needs.add(name(needed));
              open.add(dependency.path("pkg").asText());
            }
          }
        }
        found.put(
            name(it),
            new Crate(
                it.path("name").asText(),
                it.path("version").asText(),
                it.path("license").asText(),
                needs.stream().sorted().distinct().toList()));
      }
      return List.copyOf(found.values());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not cargo's metadata: " + e.getOriginalMessage(), e);
    }
  }

  private static String name(JsonNode it) {
    return it.path("name").asText() + " " + it.path("version").asText();
  }

  private static boolean isShipped(JsonNode dependency) {
    for (JsonNode kind : dependency.path("dep_kinds")) {
      if (!kind.path("kind").asText().equals("dev")) {
        return true;
      }
    }
    return false;
  }
}
