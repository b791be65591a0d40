package rs.jetstream.cli.rust;

import java.util.List;

/** A type as it is written. */
sealed interface RustType {
  /** Where it begins. */
  Token at();

  /** A name, without the path before it, and its arguments. */
  record Named(Token at, String name, List<RustType> arguments) implements RustType {}

  /** Types in parentheses; none of them is the unit. */
  record Tuple(Token at, List<RustType> members) implements RustType {}
}
