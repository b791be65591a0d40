package rs.jetstream.audit;

import java.util.StringJoiner;

/**
 * The crates of the native library with their licences, one a line, as they are committed: what is
 * new shows in a review, and what nobody has looked at fails the build.
 */
public final class DependencyList {
  /** Where it is kept. */
  public static final String FILE = "docs/security/crates.txt";

  /** One and the same wherever it is checked. */
  private static final String PLATFORM = "x86_64-unknown-linux-gnu";

  private DependencyList() {}

  /** What it must say. */
  public static String of(Repository repository) {
    StringJoiner lines = new StringJoiner("\n", "", "\n");
    lines.add(
        "# The crates that the native library is built from on Linux x86_64, with their licences.");
    lines.add(
        "# Written by `mvn verify -Daudit=apply`; review what is new before it is committed.");
    for (NativeHalf.Crate crate : NativeHalf.crates(repository, PLATFORM)) {
      if (!crate.name().startsWith("jetstream-")) {
        lines.add(crate.name() + " " + crate.version() + " (" + crate.licence() + ")");
      }
    }
    return lines.toString();
  }
}
