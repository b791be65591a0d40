package rs.jetstream.cli;

import java.io.Serial;

/** Something that the demo promises did not hold; the message is for people. */
final class DemoFailure extends Exception {
  @Serial private static final long serialVersionUID = 1;

  DemoFailure(String message) {
    super(message);
  }

  DemoFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
