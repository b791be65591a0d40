package rs.jetstream.cli.rust;

import java.io.Serial;
import java.util.List;

/** Sources that cannot be imported. */
public final class RustImportException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final transient List<String> problems;

  RustImportException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
    this.problems = List.copyOf(problems);
  }

  /** Each with file, line and column first: at most 20, and a line that tells how many more. */
  public List<String> problems() {
    return problems;
  }
}
