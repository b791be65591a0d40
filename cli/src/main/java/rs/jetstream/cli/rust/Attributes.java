package rs.jetstream.cli.rust;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import rs.jetstream.cli.rust.Token.Kind;

/** What stands before an item, a field, a variant or a method. */
final class Attributes {
  /** What the derive takes for a field, each a piece of Rust that writes or reads it. */
  private static final Set<String> CODECS =
      Set.of("with", "with_encode", "with_decode", "with_byte_size", "from", "into", "as");

  /** What {@code cfg_attr} may not add in some builds only; what other crates read, it may. */
  private static final Set<String> ON_THE_WIRE = Set.of("jetstream", "subscription", "cfg");

  /**
   * One attribute.
   *
   * @param name the last name of its path
   * @param words names in it, at whatever depth
   */
  private record Attribute(Token at, String name, List<Token> words) {
    boolean says(String word) {
      return words.stream().anyMatch(it -> it.text().equals(word));
    }
  }

  private final List<String> docs = new ArrayList<>();
  private final List<Attribute> all = new ArrayList<>();

  static Attributes read(Tokens in) throws Refusal {
    Attributes attributes = new Attributes();
    while (true) {
      if (in.peek().kind() == Kind.DOC) {
        attributes.docs.addAll(Arrays.asList(in.next().text().split("\\R", -1)));
      } else if (in.nextIs("#") && in.peek(1).is("[")) {
        Token at = in.next();
        attributes.add(at, in.group());
      } else if (in.nextIs("#") && in.peek(1).is("!") && in.peek(2).is("[")) {
        in.next(); // of the module around
        in.next();
        in.skipTree();
      } else {
        return attributes;
      }
    }
  }

  private void add(Token at, Tokens in) throws Refusal {
    if (in.nextIs("unsafe")) {
      return;
    }
    in.accept("::");
    Token name = in.expectName("the name of an attribute");
    while (in.accept("::")) {
      name = in.expectName("the name of an attribute");
    }
    if (name.is("doc") && in.nextIs("=") && in.peek(1).kind() == Kind.STRING) {
      docs.addAll(Arrays.asList(in.peek(1).text().split("\\R", -1)));
      return;
    }
    List<Token> words = new ArrayList<>();
    while (!in.atEnd()) {
      // Not group by group: this reads all that is in the brackets.
      Token token = in.next();
      if (token.isName()) {
        words.add(token);
      }
    }
    all.add(new Attribute(at, name.text(), words));
  }

  List<String> docs() {
    return docs;
  }

  boolean has(String name) {
    return all.stream().anyMatch(it -> it.name.equals(name));
  }

  boolean says(String name, String word) {
    return all.stream().anyMatch(it -> it.name.equals(name) && it.says(word));
  }

  boolean derives(String name) {
    return says("derive", name) || says("cfg_attr", name);
  }

  boolean isForTests() {
    return says("cfg", "test") && !says("cfg", "not");
  }

  /** Refuses what is there in some builds only: the wire would have two shapes. */
  void checkUnconditional() throws Refusal {
    for (Attribute attribute : all) {
      boolean isConditional =
          attribute.name.equals("cfg")
              || (attribute.name.equals("cfg_attr")
                  && attribute.words.stream().anyMatch(it -> ON_THE_WIRE.contains(it.text())));
      if (isConditional) {
        throw new Refusal(
            attribute.at,
            "#["
                + attribute.name
                + "] makes the wire depend on the build: import a copy without it");
      }
    }
  }

  /** Whether a field is not on the wire. */
  boolean skips() throws Refusal {
    boolean skips = false;
    for (Attribute attribute : all) {
      if (attribute.name.equals("jetstream")) {
        for (Token word : attribute.words) {
          if (CODECS.contains(word.text())) {
            throw new Refusal(
                attribute.at,
                "'"
                    + word.text()
                    + "' names Rust that writes this field: write a Codec in Java, and"
                    + " by hand the record that names it with @WireCodec");
          }
          if (!word.text().equals("skip")) {
            throw new Refusal(attribute.at, "'" + word.text() + "' is unknown here: only skip is");
          }
          skips = true;
        }
      }
    }
    return skips;
  }
}
