package rs.jetstream.cli.rust;

import java.util.Locale;
import java.util.Set;

/** Names of Rust as Java writes them. */
final class Names {
  private static final Set<String> KEYWORDS =
      Set.of(
          ("abstract assert boolean break byte case catch char class const continue default do"
               + " double else enum extends final finally float for goto if implements import"
               + " instanceof int interface long native new package private protected public return"
               + " short static strictfp super switch synchronized this throw throws transient try"
               + " void volatile while true false null _")
              .split(" "));

  /** Methods that every object has, and the language lets no component and no service have. */
  private static final Set<String> OF_OBJECT =
      Set.of(
          "clone", "finalize", "getClass", "hashCode", "notify", "notifyAll", "toString", "wait");

  private Names() {}

  /** Of a component, a parameter or a method: {@code dns_names} is {@code dnsNames}. */
  static String member(Token name) throws Refusal {
    String joined = capitalizedParts(name.text());
    String member = joined;
    if (!joined.isEmpty()) {
      int first = joined.offsetByCodePoints(0, 1);
      boolean isAcronym = name.text().equals(name.text().toUpperCase(Locale.ROOT));
      member =
          isAcronym
              ? joined.toLowerCase(Locale.ROOT)
              : joined.substring(0, first).toLowerCase(Locale.ROOT) + joined.substring(first);
    }
    if (KEYWORDS.contains(member) || OF_OBJECT.contains(member)) {
      member += "_";
    }
    return checked(name, member);
  }

  /** Of a type. */
  static String type(Token name) throws Refusal {
    return checked(name, capitalizedParts(name.text()));
  }

  /** Of a constant: {@code NotFound} is {@code NOT_FOUND}. */
  static String constant(Token name) throws Refusal {
    String constant =
        name.text()
            .replaceAll("(?<=[\\p{Ll}\\d])(?=\\p{Lu})|(?<=\\p{Lu})(?=\\p{Lu}\\p{Ll})", "_")
            .toUpperCase(Locale.ROOT);
    return checked(name, constant);
  }

  /** {@code dns_names} is {@code DnsNames}. */
  private static String capitalizedParts(String name) {
    StringBuilder all = new StringBuilder();
    for (String part : name.split("_", -1)) {
      if (!part.isEmpty()) {
        boolean joinsDigits =
            !all.isEmpty()
                && Character.isDigit(all.charAt(all.length() - 1))
                && Character.isDigit(part.charAt(0));
        all.append(joinsDigits ? "_" : "").append(capitalized(part));
      }
    }
    return all.toString();
  }

  static String capitalized(String text) {
    int first = text.offsetByCodePoints(0, 1);
    return text.substring(0, first).toUpperCase(Locale.ROOT) + text.substring(first);
  }

  private static String checked(Token name, String java) throws Refusal {
    if (!isIdentifier(java)) {
      throw new Refusal(name, "'" + name.text() + "' is no name in Java: give it another one");
    }
    return java;
  }

  private static boolean isIdentifier(String name) {
    return !name.isEmpty()
        && !KEYWORDS.contains(name)
        && Character.isJavaIdentifierStart(name.codePointAt(0))
        && name.codePoints().allMatch(Character::isJavaIdentifierPart);
  }

  /** Whether {@code name} is that of a package. */
  static boolean isPackage(String name) {
    for (String part : name.split("\\.", -1)) {
      if (!isIdentifier(part)) {
        return false;
      }
    }
    return true;
  }
}
