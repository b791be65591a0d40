package rs.jetstream.cli.rust;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import rs.jetstream.cli.rust.JavaModel.Component;
import rs.jetstream.cli.rust.JavaModel.JavaRecord;

/**
 * Maps the types that one file uses. A tuple becomes a record inside it: both are their members.
 */
final class TypeMapper {
  /** Longer tuples have no encoding. */
  private static final List<String> MEMBERS =
      List.of(
          "first",
          "second",
          "third",
          "fourth",
          "fifth",
          "sixth",
          "seventh",
          "eighth",
          "ninth",
          "tenth",
          "eleventh",
          "twelfth");

  /** Of types in types, with all that their other names stand for. */
  private static final int MAX_DEPTH = 32;

  private static final int MAX_PARTS = 1000;

  /** A key of a map or member of a set, which must have an order. */
  record Key(Token at, JavaType type) {}

  private final Declarations declarations;
  private final String owner;
  private final Set<String> taken;

  /** How often a tuple was to have a name. */
  private final Map<String, Integer> counts = new HashMap<>();

  private final List<JavaRecord> tuples = new ArrayList<>();
  private final List<Key> keys = new ArrayList<>();
  private int parts;

  /**
   * Makes one.
   *
   * @param owner the name of the file
   * @param nested names of types that are declared in it
   */
  TypeMapper(Declarations declarations, String owner, List<String> nested) {
    this.declarations = declarations;
    this.owner = owner;
    taken = new HashSet<>(nested);
  }

  List<JavaRecord> tuples() {
    return tuples;
  }

  List<Key> keys() {
    return keys;
  }

  /** The name of the {@code i}th of some members that have none. */
  static String member(int i, int of) {
    return of == 1 ? "value" : i < MEMBERS.size() ? MEMBERS.get(i) : "member" + (i + 1);
  }

  /**
   * The Java for {@code type}.
   *
   * @param hint what a tuple is called
   */
  JavaType map(RustType type, String hint) throws Refusal {
    parts = 0;
    return map(type, hint, 0);
  }

  private JavaType map(RustType type, String hint, int depth) throws Refusal {
    if (depth == MAX_DEPTH || ++parts > MAX_PARTS) {
      throw new Refusal(type.at(), "too many types in types: name some of them by a struct");
    }
    return switch (type) {
      case RustType.Tuple tuple -> tuple(tuple, hint, depth);
      case RustType.Named named -> {
        Item item = declarations.type(named.name());
        yield item == null ? known(named, hint, depth) : declared(named, item, hint, depth);
      }
    };
  }

  private JavaType declared(RustType.Named type, Item item, String hint, int depth) throws Refusal {
    if (!type.arguments().isEmpty()) {
      throw new Refusal(
          type.at(),
          type.name()
              + " has parameters, and the wire says no types: make one for each type that is sent");
    }
    return switch (item) {
      case Item.Alias alias -> {
        if (alias.type() == null) {
          String why = alias.refusal() == null ? "" : ": " + alias.refusal().getMessage();
          throw new Refusal(type.at(), alias.name().text() + " is no type of a message" + why);
        }
        yield map(alias.type(), hint, depth + 1);
      }
      case Item.Other other -> {
        if (!other.why().isEmpty()) {
          throw new Refusal(
              type.at(),
              type.name() + ", declared at " + other.name().place() + ", " + other.why());
        }
        yield JavaType.imported(other.name().text()); // was told where it is declared
      }
      default -> JavaType.imported(declarations.javaName(item));
    };
  }

  private JavaType known(RustType.Named type, String hint, int depth) throws Refusal {
    String name = type.name();
    int arguments = type.arguments().size();
    if (name.equals("PhantomData")) {
      return KnownTypes.UNIT;
    }
    JavaType plain = KnownTypes.PLAIN.get(name);
    if (plain != null && arguments == 0) {
      return plain;
    }
    JavaType composed = KnownTypes.COMPOSED.get(name);
    if (composed == null && !name.equals("Box") && plain == null) {
      throw new Refusal(type.at(), KnownTypes.refusal(name));
    }
    int wanted = plain != null ? 0 : KnownTypes.OF_TWO.contains(name) ? 2 : 1;
    if (arguments != wanted) {
      throw new Refusal(
          type.at(),
          name
              + " has "
              + wanted
              + " arguments here, not "
              + arguments
              + ": name no allocator and no hasher");
    }
    RustType first = type.arguments().getFirst();
    if (composed == null) {
      return map(first, hint, depth + 1); // a Box is what is in it
    }
    JavaType inner = map(first, hint, depth + 1);
    if (name.equals("Vec") && inner.annotation().equals(JavaType.WIRE + "U8")) {
      return KnownTypes.VEC_U8;
    }
    if (composed.isKeyed()) {
      keys.add(new Key(first.at(), inner));
    }
    return composed.with(
        wanted == 1
            ? List.of(inner)
            : List.of(inner, map(type.arguments().getLast(), hint, depth + 1)));
  }

  private JavaType tuple(RustType.Tuple type, String hint, int depth) throws Refusal {
    List<RustType> members = type.members();
    if (members.isEmpty()) {
      return KnownTypes.UNIT;
    }
    if (members.size() > MEMBERS.size()) {
      throw new Refusal(
          type.at(),
          "a tuple on the wire has at most " + MEMBERS.size() + " members: take a struct");
    }
    String name = nameOf(hint);
    List<Component> components = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      JavaType member = map(members.get(i), hint, depth + 1);
      components.add(new Component(member(i, members.size()), member, List.of(), false));
    }
    tuples.add(new JavaRecord(name, List.of(), components));
    return JavaType.imported(owner + "." + name);
  }

  /** The hint, if no other type is called so, or else with a number. */
  private String nameOf(String hint) {
    while (true) {
      int count = counts.merge(hint, 1, Integer::sum);
      String name = count == 1 ? hint : hint + count;
      if (!declarations.javaNames().contains(name) && taken.add(name)) {
        return name;
      }
    }
  }

  /** Forgets the tuples that were found since there were {@code kept} of them. */
  void forgetTuples(int kept) {
    tuples.subList(kept, tuples.size()).clear();
  }
}
