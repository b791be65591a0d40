package rs.jetstream.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What rust-baseline says on a stream; see its protocol.rs. */
final class Protocol {
  static final byte ECHO = 'E';
  static final byte DOWNLOAD = 'D';
  static final byte UPLOAD = 'U';

  /** {@code D} or {@code U}, and a size. */
  static final int REQUEST = 1 + Long.BYTES;

  static final int MALFORMED = 1;
  static final String ALPN = "jetstream";

  private static final byte[] CALL =
      "E0123456789abcdefghijklmnopqrstu".getBytes(StandardCharsets.US_ASCII);

  /** The bytes of a call, in both directions. */
  static final int CALL_SIZE = CALL.length;

  private Protocol() {}

  static byte[] call() {
    return CALL.clone();
  }

  static void require(boolean holds, String otherwise) throws IOException {
    if (!holds) {
      throw new IOException(otherwise);
    }
  }

  static void requireCount(long received, long expected) throws IOException {
    require(received == expected, "got " + received + " of " + expected + " bytes");
  }
}
