package rs.jetstream.cli.rust;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The manifest of a crate, which says the version that its services have. */
final class CargoManifest {
  private static final int MAX_BYTES = 1 << 20;

  /** The macro takes these three numbers and no more. */
  private static final Pattern VERSION =
      Pattern.compile(
          "version\\s*=\\s*[\"'](\\d{1,10}\\.\\d{1,10}\\.\\d{1,10})(?:[-+][^\"']*)?[\"'].*");

  private CargoManifest() {}

  /** The version of the crate that {@code source} belongs to, if its manifest says one. */
  static Optional<String> version(String source) {
    try {
      for (Path folder = Path.of(source).toAbsolutePath().getParent();
          folder != null;
          folder = folder.getParent()) {
        Path manifest = folder.resolve("Cargo.toml");
        if (Files.isRegularFile(manifest)) {
          try (InputStream in = Files.newInputStream(manifest)) {
            return find(new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8));
          }
        }
      }
    } catch (IOException | InvalidPathException e) {
      // As if there were none: the user is asked.
    }
    return Optional.empty();
  }

  private static Optional<String> find(String manifest) {
    boolean inPackage = false;
    for (String line : manifest.lines().map(String::strip).toList()) {
      if (line.startsWith("[")) {
        inPackage = line.startsWith("[package]");
      } else if (inPackage) {
        Matcher version = VERSION.matcher(line);
        if (version.matches()) {
          return Optional.of(version.group(1));
        }
      }
    }
    return Optional.empty();
  }
}
