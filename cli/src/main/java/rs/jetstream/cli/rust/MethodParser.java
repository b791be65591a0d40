package rs.jetstream.cli.rust;

import java.util.ArrayList;
import java.util.List;
import rs.jetstream.cli.rust.Item.Field;
import rs.jetstream.cli.rust.Item.Method;

/** Reads the methods of a service. */
final class MethodParser {
  private final Problems problems;

  MethodParser(Problems problems) {
    this.problems = problems;
  }

  List<Method> methods(Tokens in) {
    List<Method> methods = new ArrayList<>();
    while (!in.atEnd()) {
      int start = in.mark();
      try {
        Attributes attributes = Attributes.read(in);
        attributes.checkUnconditional();
        methods.add(method(in, attributes));
      } catch (Refusal e) {
        problems.add(e);
        in.reset(start);
        in.skipItem();
      }
    }
    return methods;
  }

  private static Method method(Tokens in, Attributes attributes) throws Refusal {
    Token first = in.peek();
    boolean isAsync = in.accept("async");
    if (!in.accept("fn")) {
      throw new Refusal(
          in.peek(),
          in.nextIs("unsafe") || in.nextIs("extern") || (in.nextIs("const") && in.peek(1).is("fn"))
              ? "a method of a service is 'async fn' and nothing else"
              : "a service has methods alone: whatever else is in it moves the numbers of those"
                  + " behind it");
    }
    Token name = in.expectName("the name of a method");
    if (in.nextIs("<")) {
      throw new Refusal(
          in.peek(), "a method with parameters for types: make one for each type that is sent");
    }
    if (!in.nextIs("(")) {
      throw in.unexpected("'('");
    }
    List<Field> parameters = parameters(in.group(), name);
    if (!in.accept("->")) {
      throw new Refusal(name, "every call may fail: return Result<()>");
    }
    Token returns = in.peek();
    boolean subscribes = attributes.has("subscription");
    RustType.Named returned =
        TypeParser.parse(in) instanceof RustType.Named named
            ? named
            : new RustType.Named(returns, "", List.of());
    if (in.nextIs("where")) {
      throw new Refusal(in.peek(), "a method of a service has no conditions");
    }
    if (!in.accept(";")) {
      if (!in.nextIs("{")) {
        throw in.unexpected("';' behind a method");
      }
      in.skipTree();
    }
    List<RustType> arguments = returned.arguments();
    if (subscribes) {
      if (attributes.says("subscription", "lossy")) {
        throw new Refusal(
            name, "a subscription that may lose items is not built: take one that may not");
      }
      if (!returned.name().equals("Subscription") || arguments.size() != 2) {
        throw new Refusal(returns, "a subscription returns Subscription<Item, End>");
      }
      return new Method(
          name, attributes.docs(), parameters, arguments.getFirst(), arguments.getLast());
    }
    if (!returned.name().equals("Result") || arguments.isEmpty() || arguments.size() > 2) {
      throw new Refusal(returns, "every call may fail: return Result<T>");
    }
    if (!isAsync) {
      throw new Refusal(first, "a method of a service is async: write 'async fn'");
    }
    return new Method(name, attributes.docs(), parameters, arguments.getFirst(), null);
  }

  private static List<Field> parameters(Tokens in, Token method) throws Refusal {
    List<Field> parameters = new ArrayList<>();
    boolean hasReceiver = false;
    while (!in.atEnd()) {
      Attributes attributes = Attributes.read(in);
      attributes.checkUnconditional();
      if (!hasReceiver) {
        if (!isReceiver(in)) {
          break;
        }
        hasReceiver = true;
        in.skipBeforeComma();
        in.accept(",");
        continue;
      }
      Token name = in.peek();
      if (!name.isName() || name.is("_") || !in.peek(1).is(":")) {
        throw new Refusal(name, "a parameter of a service is a name and a type");
      }
      in.next();
      in.next();
      parameters.add(new Field(name, name, attributes.docs(), TypeParser.parse(in), false));
      if (!in.accept(",") && !in.atEnd()) {
        throw in.unexpected("',' behind a parameter");
      }
    }
    if (!hasReceiver) {
      throw new Refusal(method, "a method of a service has &self or &mut self first");
    }
    return parameters;
  }

  /** {@code self} with what may stand before it. */
  private static boolean isReceiver(Tokens in) {
    int at = 0;
    while (in.peek(at).is("&")
        || in.peek(at).is("mut")
        || in.peek(at).kind() == Token.Kind.LIFETIME) {
      at++;
    }
    return in.peek(at).is("self");
  }
}
