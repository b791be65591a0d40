package rs.jetstream.cli.rust;

import java.util.ArrayList;
import java.util.List;
import rs.jetstream.cli.rust.Token.Kind;

/** Reads types, and says why those of no message are none. */
final class TypeParser {
  /** More than anybody writes; far less than a stack holds. */
  private static final int MAX_DEPTH = 32;

  private TypeParser() {}

  static RustType parse(Tokens in) throws Refusal {
    return parse(in, 0);
  }

  private static RustType parse(Tokens in, int depth) throws Refusal {
    Token at = in.peek();
    if (depth == MAX_DEPTH) {
      throw new Refusal(
          at, "types in more than " + MAX_DEPTH + " types: name some of them by a struct");
    }
    if (in.nextIs("(")) {
      return parenthesized(in, depth);
    }
    if (at.isName()) {
      String refused =
          at.kind() == Kind.RAW_NAME
              ? ""
              : switch (at.text()) {
                case "impl", "dyn" ->
                    "'"
                        + at.text()
                        + "' names no type that the wire could carry: name a struct or an enum";
                case "fn", "unsafe", "extern", "for" ->
                    "a function stays where it is: send what it needs";
                case "_" -> "the type must be said";
                default -> "";
              };
      if (!refused.isEmpty()) {
        throw new Refusal(at, refused);
      }
      return path(in, depth);
    }
    if (in.nextIs("::")) {
      return path(in, depth);
    }
    throw new Refusal(
        at,
        at.kind() == Kind.LIFETIME
            ? lifetime()
            : switch (at.text()) {
              case "&" ->
                  "a reference cannot be sent: take the type itself, String for &str, Vec<T> for"
                      + " &[T]";
              case "*" -> "a pointer cannot be sent: take the type itself";
              case "[" -> "the wire has no arrays: take Vec, or a struct with the members";
              case "!" -> "no value of this type is ever sent: take ()";
              case "<" -> "the type of another type's trait: name the type itself";
              default -> "expected a type, found " + at.described();
            });
  }

  private static String lifetime() {
    return "a lifetime: a message owns what it holds, take types without one";
  }

  private static RustType parenthesized(Tokens in, int depth) throws Refusal {
    Token at = in.peek();
    Tokens inside = in.group();
    List<RustType> members = new ArrayList<>();
    boolean comma = false;
    while (!inside.atEnd()) {
      members.add(parse(inside, depth + 1));
      comma = inside.accept(",");
      if (!comma && !inside.atEnd()) {
        throw inside.unexpected("',' between the members of a tuple");
      }
    }
    return members.size() == 1 && !comma ? members.getFirst() : new RustType.Tuple(at, members);
  }

  private static RustType path(Tokens in, int depth) throws Refusal {
    Token at = in.peek();
    in.accept("::");
    Token name = in.expectName("a type");
    while (in.nextIs("::") && in.peek(1).isName()) {
      in.next();
      name = in.next();
    }
    if (in.nextIs("!")) {
      throw new Refusal(at, "a macro: write the type that it makes");
    }
    if (in.nextIs("(")) {
      throw new Refusal(at, "a function stays where it is: send what it needs");
    }
    if (in.nextIs("::") && in.peek(1).is("<")) {
      in.next();
    }
    List<RustType> arguments = in.accept("<") ? arguments(in, depth) : List.of();
    if (in.nextIs("::")) {
      throw new Refusal(at, "a type inside another: name the type itself");
    }
    if (in.nextIs("+")) {
      throw new Refusal(at, "several traits are no type that the wire could carry");
    }
    return new RustType.Named(at, name.text(), arguments);
  }

  private static List<RustType> arguments(Tokens in, int depth) throws Refusal {
    List<RustType> arguments = new ArrayList<>();
    while (!in.accept(">")) {
      Token at = in.peek();
      if (at.kind() == Kind.LIFETIME) {
        throw new Refusal(at, lifetime());
      }
      if (at.kind() == Kind.LITERAL || in.nextIs("{") || in.nextIs("-")) {
        throw new Refusal(at, "a value as an argument of a type: name a struct instead");
      }
      arguments.add(parse(in, depth + 1));
      if (in.nextIs("=") || in.nextIs(":")) {
        throw new Refusal(at, "the type of another type's trait: name the type itself");
      }
      if (!in.accept(",") && !in.nextIs(">")) {
        throw in.unexpected("',' or '>' between the arguments of a type");
      }
    }
    return arguments;
  }
}
