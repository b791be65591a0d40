package rs.jetstream.audit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Whether a licence lets us ship what is under it, in binary, under Apache-2.0. */
public final class Licences {
  /** Each asks for no more than its text, which the notices of a release hold. */
  private static final Set<String> ALLOWED =
      Set.of(
          "Apache-2.0",
          "BSD-2-Clause",
          "BSD-3-Clause",
          "CC0-1.0",
          "ISC",
          "MIT",
          "MIT-0",
          "Unicode-3.0",
          "Unlicense",
          "Zlib");

  private static final Pattern TOKEN = Pattern.compile("\\(|\\)|[^\\s()]+");

  private Licences() {}

  /** Judges an SPDX expression: of {@code OR} one side is enough. */
  public static boolean allows(String expression) {
    // crates.io's older form.
    List<String> tokens =
        TOKEN.matcher(expression.replace("/", " OR ")).results().map(it -> it.group()).toList();
    Deque<String> rest = new ArrayDeque<>(tokens);
    boolean allowed = !rest.isEmpty() && or(rest);
    return allowed && rest.isEmpty();
  }

  private static boolean or(Deque<String> rest) {
    boolean allowed = and(rest);
    while ("OR".equals(rest.peek())) {
      rest.pop();
      allowed |= and(rest);
    }
    return allowed;
  }

  private static boolean and(Deque<String> rest) {
    boolean allowed = one(rest);
    while ("AND".equals(rest.peek())) {
      rest.pop();
      allowed &= one(rest);
    }
    return allowed;
  }

  private static boolean one(Deque<String> rest) {
    String token = rest.isEmpty() ? "" : rest.pop();
    if (token.equals("(")) {
      boolean allowed = or(rest);
      return ")".equals(rest.poll()) && allowed;
    }
    boolean allowed = ALLOWED.contains(token);
    if ("WITH".equals(rest.peek())) {
      rest.pop();
      rest.poll(); // an exception gives more, never less
    }
    return allowed;
  }
}
