package rs.jetstream.quic;

import java.nio.file.Path;
import java.time.Duration;

/** Values of settings that the native half's fields cannot hold, or would take for others. */
final class Checks {
  private Checks() {}

  static int millis(String name, Duration duration) {
    if (duration.isNegative() || duration.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(name + " is " + duration + ", must be up to 1 day");
    }
    return (int) duration.toMillis();
  }

  /** The native field has no sign, and 2^32-1 is legal there: -1 must not become it. */
  static int notNegative(String name, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least 1");
    }
    return value;
  }

  static long code(String name, long value) {
    if (value < 0 || value >>> 62 != 0) {
      throw new IllegalArgumentException(name + " is " + value + ", must be from 0 to 2^62-1");
    }
    return value;
  }

  /** The native field has 16 bits: what they cannot hold must not be cut to something legal. */
  static int mtu(String name, int value) {
    if (value < 1228 || value > 9000) {
      throw new IllegalArgumentException(name + " is " + value + ", must be from 1228 to 9000");
    }
    return value;
  }

  /**
   * The text of a path, as native code gets it. What the JVM cannot spell, as a name in another
   * encoding, has replacement characters, and is another file's name.
   */
  static String text(String name, Path path) {
    String text = path.toString();
    if (text.indexOf('\ufffd') >= 0) {
      throw new IllegalArgumentException(
          name
              + " is "
              + text
              + ", must be a name in this JVM's encoding, "
              + System.getProperty("sun.jnu.encoding"));
    }
    return text;
  }
}
