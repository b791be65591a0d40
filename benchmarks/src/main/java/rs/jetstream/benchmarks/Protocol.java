package rs.jetstream.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What rust-baseline says on a stream; see its protocol.rs. */
final class Protocol {
  static final byte ECHO = 'E';
  static final byte DOWNLOAD = 'D';
  static final byte UPLOAD = 'U';

  /**
   * Over TCP alone, which has no end of a stream to tell one call from the next: a size follows.
   */
  static final byte SIZED_ECHO = 'S';

  /** {@code D} or {@code U}, and a size. */
  static final int REQUEST = 1 + Long.BYTES;

  static final int MALFORMED = 1;
  static final String ALPN = "jetstream";

  private static final byte[] CALL =
      "E0123456789abcdefghijklmnopqrstu".getBytes(StandardCharsets.US_ASCII);

  /** So much, every transport takes without its answer being read. */
  private static final int LONG = 64 << 10;

  /** The bytes of the smallest call, in both directions. */
  static final int CALL_SIZE = CALL.length;

  private Protocol() {}

  /** A call that is longer is more of the same. */
  static byte[] call(int size) {
    byte[] call = new byte[size];
    for (int i = 0; i < size; i += CALL.length) {
      System.arraycopy(CALL, 0, call, i, Math.min(CALL.length, size - i));
    }
    return call;
  }

  /** Whether a caller must receive while it sends, for else both sides may wait for each other. */
  static boolean isLong(int size) {
    return size > LONG;
  }

  /** What differs between an answer and its call is no figure. */
  static void requireSame(boolean same) throws IOException {
    require(same, "the answer differs from the call");
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
