package rs.jetstream.cli.rust;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;

/** Sources as text. */
final class Imports {
  private Imports() {}

  static RustSource source(String text) {
    return new RustSource(Path.of("a.rs"), "a.rs", text.getBytes(StandardCharsets.UTF_8));
  }

  /** Files of package {@code p}. */
  static SortedMap<String, String> files(String text) throws RustImportException {
    return RustImport.of(List.of(source(text)), "p", List.of("1.2.3")).files();
  }

  /** What is refused of a source. */
  static List<String> problems(RustSource source) {
    RustImportException refused =
        catchThrowableOfType(
            RustImportException.class, () -> RustImport.of(List.of(source), "p", List.of("1.2.3")));
    return refused == null ? List.of() : refused.problems();
  }
}
