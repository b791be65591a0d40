package rs.jetstream.quic;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** What a process of a test's own needs to find. */
final class ClassPath {
  private ClassPath() {}

  /** The jars and folders that {@code classes} are in. */
  static String of(Class<?>... classes) throws URISyntaxException {
    Set<String> roots = new LinkedHashSet<>();
    for (Class<?> each : classes) {
      roots.add(
          Path.of(each.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    return String.join(File.pathSeparator, roots);
  }
}
