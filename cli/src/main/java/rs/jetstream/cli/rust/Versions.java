package rs.jetstream.cli.rust;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Version texts of services. The Rust macro puts a digest of the trait's tokens into them, which
 * the Rust compiler alone can make; no end asks for it.
 */
final class Versions {
  private static final String PREFIX = "rs.jetstream.proto/";
  private static final String NUMBER = "(0|[1-9]\\d{0,9})";
  private static final String SEMVER =
      NUMBER
          + "\\."
          + NUMBER
          + "\\."
          + NUMBER
          + "(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?(\\+[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?";
  private static final Pattern GIVEN =
      Pattern.compile("(" + Pattern.quote(PREFIX) + "[^/\\s\"\\\\]+/)?" + SEMVER);

  private final List<String> given;
  private final Set<String> used = new HashSet<>();

  Versions(List<String> given) {
    this.given = given;
  }

  /** Whether {@code text} is a version, alone or with the name of a service. */
  static boolean isVersion(String text) {
    return text.length() < 256 && GIVEN.matcher(text).matches();
  }

  /** The version text of the service with this name. */
  String of(Token service) throws Refusal {
    String start = PREFIX + service.text().toLowerCase(Locale.ROOT) + "/";
    for (String text : given) {
      if (text.startsWith(start)) {
        used.add(text);
        return text;
      }
    }
    for (String text : given) {
      if (!text.startsWith(PREFIX)) {
        return start + text;
      }
    }
    return start
        + CargoManifest.version(service.file())
            .orElseThrow(() ->
                new Refusal(
                    service,
                    "no Cargo.toml says the version of "
                        + service.text()
                        + ": pass --version with that of its crate"));
  }

  /** Tells which of them are those of no service. */
  void checkUsed(Problems problems) {
    for (String text : given) {
      if (text.startsWith(PREFIX) && !used.contains(text)) {
        problems.add("--version " + text, "no source has such a service");
      }
    }
  }
}
