package rs.jetstream.cli.rust;

import java.io.Serial;

/** Something in a source that cannot be read or mapped; the message says what to do instead. */
final class Refusal extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final transient Token at;

  Refusal(Token at, String message) {
    super(message, null, false, false); // one for each mistake in a source: no stack trace
    this.at = at;
  }

  Token at() {
    return at;
  }
}
