package rs.jetstream.wire;

/** The type of one value and no bytes: the result of a method that returns nothing. */
public enum Unit {
  /** The value. */
  INSTANCE
}
