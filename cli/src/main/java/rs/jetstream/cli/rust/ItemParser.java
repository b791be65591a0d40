package rs.jetstream.cli.rust;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import rs.jetstream.cli.rust.Token.Kind;

/** Finds what a source declares. All that no message can reach is skipped unread. */
final class ItemParser {
  private static final String DERIVE = "JetStreamWireFormat";

  /** What may stand behind a {@code const} that is a function's. */
  private static final Set<String> FUNCTION = Set.of("fn", "unsafe", "async", "extern");

  /** More than anybody nests; far less than a stack holds. */
  private static final int MAX_DEPTH = 32;

  private final Problems problems;
  private final List<Item> items = new ArrayList<>();

  private ItemParser(Problems problems) {
    this.problems = problems;
  }

  /**
   * What {@code source} declares, its modules too; what cannot be read is added to {@code
   * problems}.
   */
  static List<Item> items(RustSource source, Problems problems) {
    ItemParser parser = new ItemParser(problems);
    try {
      parser.module(Tokens.of(Tokenizer.tokens(source)), 0);
    } catch (Refusal e) {
      problems.add(e);
    }
    return parser.items;
  }

  private void module(Tokens in, int depth) throws Refusal {
    if (depth == MAX_DEPTH) {
      throw new Refusal(in.peek(), "modules in more than " + MAX_DEPTH + " modules");
    }
    while (!in.atEnd()) {
      try {
        item(in, depth);
      } catch (Refusal e) {
        problems.add(e);
        in.skipItem();
      }
    }
  }

  private void item(Tokens in, int depth) throws Refusal {
    Attributes attributes = Attributes.read(in);
    visibility(in);
    Token first = in.peek();
    if (attributes.isForTests()) {
      in.skipItem();
    } else if (first.kind() != Kind.NAME) {
      in.skipItem();
    } else {
      switch (first.text()) {
        case "struct", "enum" -> type(in, attributes);
        case "union" -> union(in);
        case "trait", "unsafe" -> service(in, attributes);
        case "type" -> alias(in);
        case "mod" -> {
          if (in.peek(2).is("{")) {
            in.next();
            in.next();
            module(in.group(), depth + 1);
          } else {
            in.skipStatement();
          }
        }
        case "use", "static" -> in.skipStatement();
        case "const" -> {
          if (FUNCTION.contains(in.peek(1).text())) {
            in.skipItem();
          } else {
            in.skipStatement();
          }
        }
        default -> in.skipItem();
      }
    }
  }

  static void visibility(Tokens in) {
    if (in.accept("pub") && in.nextIs("(")) {
      // Or the first type of a tuple: pub (u8, u8).
      Token inside = in.peek(1);
      if (inside.is("crate") || inside.is("super") || inside.is("self") || inside.is("in")) {
        in.skipTree();
      }
    }
  }

  private void alias(Tokens in) throws Refusal {
    in.next();
    Token name = in.expectName("the name of a type");
    if (in.nextIs("<")) {
      items.add(new Item.Other(name, "is another name with parameters: write the type that it is"));
    } else if (in.accept("=")) {
      try {
        items.add(new Item.Alias(name, TypeParser.parse(in), null));
      } catch (Refusal e) {
        items.add(new Item.Alias(name, null, e));
      }
    }
    in.skipStatement();
  }

  private void union(Tokens in) {
    if (in.peek(1).isName()) {
      items.add(
          new Item.Other(in.peek(1), "is a union, which the wire cannot carry: take an enum"));
    }
    in.skipItem();
  }

  private void type(Tokens in, Attributes attributes) throws Refusal {
    boolean isStruct = in.next().is("struct");
    Token name = in.expectName("the name of a type");
    if (!attributes.derives(DERIVE)) {
      items.add(
          new Item.Other(
              name, "has no #[derive(" + DERIVE + ")], so it is not known how it is carried"));
      in.skipItem();
      return;
    }
    if (in.nextIs("<")) {
      problems.add(
          in.peek(),
          name.text()
              + " has parameters, and the wire says no types: make one for each type that is sent");
      items.add(new Item.Other(name, ""));
      in.skipItem();
      return;
    }
    if (in.nextIs("where")) {
      throw new Refusal(in.peek(), "a type without parameters needs no conditions");
    }
    if (isStruct) {
      boolean inBraces = in.nextIs("{");
      List<Item.Field> fields = fields(in);
      items.add(new Item.Struct(name, attributes.docs(), fields));
      if (!inBraces) {
        in.expect(";", "behind a struct");
      }
    } else if (in.nextIs("{")) {
      items.add(new Item.Variants(name, attributes.docs(), variants(in.group())));
    } else {
      throw in.unexpected("'{'");
    }
  }

  /** The fields in the braces or parentheses that are next, if they are. */
  private List<Item.Field> fields(Tokens in) throws Refusal {
    boolean named = in.nextIs("{");
    List<Item.Field> fields = new ArrayList<>();
    if (!named && !in.nextIs("(")) {
      return fields;
    }
    Tokens inside = in.group();
    while (!inside.atEnd()) {
      int start = inside.mark();
      try {
        fields.add(field(inside, named));
        if (!inside.accept(",") && !inside.atEnd()) {
          throw inside.unexpected("',' behind a field");
        }
      } catch (Refusal e) {
        problems.add(e);
        inside.reset(start);
        inside.skipBeforeComma();
        inside.accept(",");
      }
    }
    return fields;
  }

  private static Item.Field field(Tokens in, boolean named) throws Refusal {
    Attributes attributes = Attributes.read(in);
    attributes.checkUnconditional();
    visibility(in);
    Token at = in.peek();
    Token name = null;
    if (named) {
      name = in.expectName("the name of a field");
      in.expect(":", "behind the name of a field");
    }
    if (!attributes.skips()) {
      return new Item.Field(name, at, attributes.docs(), TypeParser.parse(in), false);
    }
    int start = in.mark();
    try {
      RustType type = TypeParser.parse(in);
      if (in.nextIs(",") || in.atEnd()) {
        return new Item.Field(name, at, attributes.docs(), type, true);
      }
    } catch (Refusal e) {
      // Never sent: it may be anything.
    }
    in.reset(start);
    in.skipBeforeComma();
    return new Item.Field(name, at, attributes.docs(), null, true);
  }

  private List<Item.Variant> variants(Tokens in) {
    List<Item.Variant> variants = new ArrayList<>();
    while (!in.atEnd()) {
      int start = in.mark();
      try {
        Attributes attributes = Attributes.read(in);
        attributes.checkUnconditional();
        visibility(in);
        Token name = in.expectName("the name of a variant");
        variants.add(new Item.Variant(name, attributes.docs(), fields(in)));
        if (!in.nextIs(",") && !in.nextIs("=") && !in.atEnd()) {
          throw in.unexpected("',' behind a variant");
        }
        in.skipExpression(); // the wire has the place of a variant, not its number
      } catch (Refusal e) {
        problems.add(e);
        in.reset(start);
        in.skipExpression();
      }
    }
    return variants;
  }

  private void service(Tokens in, Attributes attributes) throws Refusal {
    if (!in.accept("trait") || !attributes.has("service")) {
      in.skipItem();
      return;
    }
    Token name = in.expectName("the name of a service");
    if (in.nextIs("<")) {
      problems.add(in.peek(), "a service has no parameters: make one for each type that it is of");
    }
    while (!in.nextIs("{")) { // what else it is makes no difference to the wire
      if (in.atEnd() || in.nextIs(";")) {
        throw in.unexpected("'{'");
      }
      in.skipTree();
    }
    List<Item.Method> methods = new MethodParser(problems).methods(in.group());
    items.add(new Item.Service(name, attributes.docs(), methods));
  }
}
