package rs.jetstream.interop;

/** An enum without fields. */
public enum Color {
  /** The first. */
  RED,
  /** The second. */
  GREEN,
  /** The third. */
  BLUE
}
