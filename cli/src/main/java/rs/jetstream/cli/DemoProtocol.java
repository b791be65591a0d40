package rs.jetstream.cli;

import java.time.Duration;

/** What the two sides of the demo agree on: the first byte of a stream says what it is for. */
final class DemoProtocol {
  /** A name in the server's certificate. */
  static final String SERVER_NAME = "localhost";

  /** Then a file; the answer is the SHA-256 of what came. */
  static final byte UP = 'U';

  /** The answer is the file. */
  static final byte DOWN = 'D';

  /** Then 31 more bytes; the answer is all of them. */
  static final byte CALL = 'C';

  static final int CALL_SIZE = 32;

  /** How long anything may wait, so that a demo that hangs ends. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private DemoProtocol() {}
}
