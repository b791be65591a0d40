package rs.jetstream.rpc;

import java.time.Duration;

/** Checks settings. */
final class Ranges {
  private static final Duration LONGEST = Duration.ofDays(365);

  private Ranges() {}

  static int of(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " is " + value + ", must be from " + min + " to " + max);
    }
    return value;
  }

  /** A time that is longer than nothing, and that can be added to the clock. */
  static Duration of(String name, Duration value) {
    if (!value.isPositive() || value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          name
              + " is "
              + value
              + ", must be more than 0 and at most "
              + LONGEST.toDays()
              + " days");
    }
    return value;
  }
}
