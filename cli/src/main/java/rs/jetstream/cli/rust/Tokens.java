package rs.jetstream.cli.rust;

import java.util.List;
import rs.jetstream.cli.rust.Token.Kind;

/** Reads tokens in order: those of a file, or those inside one pair of brackets. */
final class Tokens {
  private final List<Token> all;

  /** For each bracket, where its other half is. */
  private final int[] partners;

  private final int end;
  private int at;

  private Tokens(List<Token> all, int[] partners, int at, int end) {
    this.all = all;
    this.partners = partners;
    this.at = at;
    this.end = end;
  }

  /** All of a file, in which every bracket has its other half. */
  static Tokens of(List<Token> all) throws Refusal {
    int[] partners = new int[all.size()];
    int[] open = new int[all.size()];
    int depth = 0;
    for (int i = 0; i < all.size(); i++) {
      Token token = all.get(i);
      if (isOpening(token)) {
        open[depth++] = i;
      } else if (isClosing(token)) {
        if (depth == 0) {
          throw new Refusal(token, token.described() + " closes nothing");
        }
        Token opening = all.get(open[--depth]);
        if (!closes(opening, token)) {
          throw new Refusal(
              token,
              token.described()
                  + " does not close the "
                  + opening.described()
                  + " of line "
                  + opening.line());
        }
        partners[i] = open[depth];
        partners[open[depth]] = i;
      }
    }
    if (depth > 0) {
      Token opening = all.get(open[depth - 1]);
      throw new Refusal(opening, opening.described() + " is not closed");
    }
    return new Tokens(all, partners, 0, all.size() - 1);
  }

  private static boolean isOpening(Token token) {
    return token.kind() == Kind.MARK && "([{".contains(token.text());
  }

  private static boolean isClosing(Token token) {
    return token.kind() == Kind.MARK && ")]}".contains(token.text());
  }

  private static boolean closes(Token opening, Token closing) {
    return "([{".indexOf(opening.text()) == ")]}".indexOf(closing.text());
  }

  /** Where reading is, to come back to. */
  int mark() {
    return at;
  }

  void reset(int mark) {
    at = mark;
  }

  boolean atEnd() {
    return at >= end;
  }

  /** The next token; at the end, one of kind END. */
  Token peek() {
    return peek(0);
  }

  Token peek(int ahead) {
    if (at + ahead < end) {
      return all.get(at + ahead);
    }
    Token last = all.get(end);
    return new Token(Kind.END, last.text(), last.file(), last.line(), last.column());
  }

  Token next() {
    Token token = peek();
    if (!atEnd()) {
      at++;
    }
    return token;
  }

  boolean nextIs(String text) {
    return peek().is(text);
  }

  boolean accept(String text) {
    boolean is = nextIs(text);
    if (is) {
      at++;
    }
    return is;
  }

  void expect(String text, String where) throws Refusal {
    if (!accept(text)) {
      throw unexpected("'" + text + "' " + where);
    }
  }

  Token expectName(String what) throws Refusal {
    if (!peek().isName()) {
      throw unexpected(what);
    }
    return next();
  }

  Refusal unexpected(String wanted) {
    return new Refusal(peek(), "expected " + wanted + ", found " + peek().described());
  }

  /** The inside of the bracket that is next; reading goes on behind it. */
  Tokens group() {
    Tokens inside = new Tokens(all, partners, at + 1, partners[at]);
    at = partners[at] + 1;
    return inside;
  }

  /** Skips a token, or a bracket with all that is in it. */
  void skipTree() {
    at = isOpening(peek()) ? partners[at] + 1 : Math.min(at + 1, end);
  }

  /**
   * Skips what is before the next comma that is in no brackets, and not in the arguments of a type.
   */
  void skipBeforeComma() {
    int angles = 0;
    while (!atEnd() && !(nextIs(",") && angles <= 0)) {
      angles += nextIs("<") ? 1 : nextIs(">") ? -1 : 0;
      skipTree();
    }
  }

  /** Skips what is before the next comma that is in no brackets, and the comma. */
  void skipExpression() {
    while (!atEnd() && !accept(",")) {
      skipTree();
    }
  }

  /** Skips the rest of an item: to its semicolon, or its body in braces. */
  void skipItem() {
    while (!atEnd() && !accept(";")) {
      boolean braces = nextIs("{");
      skipTree();
      if (braces && !nextIs(">") && !nextIs(",")) { // or else it was an argument: Ring<{ N }>
        return;
      }
    }
  }

  void skipStatement() {
    while (!atEnd() && !accept(";")) {
      skipTree();
    }
  }
}
