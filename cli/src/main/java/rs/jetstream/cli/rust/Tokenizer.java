package rs.jetstream.cli.rust;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import rs.jetstream.cli.rust.Token.Kind;

/** Splits a source into tokens; comments go, those that document stay. */
final class Tokenizer {
  /** Every other mark is one character. */
  private static final List<String> LONG_MARKS = List.of("::", "->", "=>");

  /** What may stand before the quotes of a string; with an r it has no escapes. */
  private static final List<String> STRING_PREFIXES = List.of("r", "b", "br", "c", "cr");

  /** The stars down the side of a doc comment. */
  private static final Pattern MARGIN = Pattern.compile("(?m)^[ \\t]*\\*");

  private final String file;
  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private int lineStart;

  private Tokenizer(String file, String text) {
    this.file = file;
    this.text = text;
  }

  static List<Token> tokens(RustSource source) throws Refusal {
    Token start = new Token(Kind.END, "", source.name(), 1, 1);
    if (source.bytes().length > RustSource.MAX_BYTES) {
      throw new Refusal(
          start,
          "a source has at most "
              + RustSource.MAX_BYTES
              + " bytes: import the part with the service");
    }
    Tokenizer tokenizer = new Tokenizer(source.name(), decode(source));
    tokenizer.run();
    return tokenizer.tokens;
  }

  private static String decode(RustSource source) throws Refusal {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer bytes = ByteBuffer.wrap(source.bytes());
    try {
      return decoder.decode(bytes).toString();
    } catch (CharacterCodingException e) {
      int line = 1;
      int column = 1;
      for (int i = 0; i < bytes.position(); i++) {
        column = source.bytes()[i] == '\n' ? 1 : column + 1;
        line += source.bytes()[i] == '\n' ? 1 : 0;
      }
      Token bad = new Token(Kind.END, "", source.name(), line, column);
      throw new Refusal(bad, "not UTF-8, in which Rust is written: save the file anew");
    }
  }

  private void run() throws Refusal {
    if (text.startsWith("\ufeff")) {
      at = 1;
    }
    if (text.startsWith("#!", at) && !text.startsWith("#![", at)) {
      skipLine();
    }
    while (at < text.length()) {
      int c = text.codePointAt(at);
      if (c == '\n') {
        at++;
        newLine();
      } else if (Character.isWhitespace(c) || c == 0x85 || c == 0x200e || c == 0x200f) {
        at += Character.charCount(c);
      } else if (text.startsWith("//", at)) {
        lineComment();
      } else if (text.startsWith("/*", at)) {
        blockComment();
      } else if (c == '"') {
        string(0);
      } else if (c == '\'') {
        quote();
      } else if (c >= '0' && c <= '9') {
        number();
      } else if (isStart(c)) {
        name();
      } else {
        mark(c);
      }
    }
    add(Kind.END, "", at, at);
  }

  private static boolean isStart(int c) {
    return c == '_' || Character.isUnicodeIdentifierStart(c);
  }

  private static boolean isPart(int c) {
    return c == '_'
        || (Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
  }

  private void newLine() {
    line++;
    lineStart = at;
  }

  private Token here() {
    return new Token(Kind.MARK, "", file, line, at - lineStart + 1);
  }

  /** Adds a token and goes behind it; lines that it spans are counted. */
  private void add(Kind kind, String said, int from, int to) {
    tokens.add(new Token(kind, said, file, line, from - lineStart + 1));
    goTo(to);
  }

  private void goTo(int to) {
    while (at < to) {
      if (text.charAt(at++) == '\n') {
        newLine();
      }
    }
  }

  private void skipLine() {
    int end = text.indexOf('\n', at);
    at = end < 0 ? text.length() : end;
  }

  private void lineComment() {
    int start = at;
    skipLine();
    String comment = text.substring(start, at).stripTrailing();
    if (comment.startsWith("///") && !comment.startsWith("////")) {
      tokens.add(new Token(Kind.DOC, comment.substring(3), file, line, start - lineStart + 1));
    }
  }

  private void blockComment() throws Refusal {
    int end = at + 2;
    for (int depth = 1; depth > 0; ) { // they nest
      if (end + 1 >= text.length()) {
        throw new Refusal(here(), "this comment does not end: close it with */");
      }
      boolean opens = text.startsWith("/*", end);
      boolean closes = text.startsWith("*/", end);
      depth += opens ? 1 : closes ? -1 : 0;
      end += opens || closes ? 2 : 1;
    }
    String comment = text.substring(at, end);
    boolean isDoc = comment.startsWith("/**") && !comment.startsWith("/***") && end - at > 4;
    if (isDoc) {
      String inside = comment.substring(3, comment.length() - 2);
      add(Kind.DOC, MARGIN.matcher(inside).replaceAll(""), at, end);
    } else {
      goTo(end);
    }
  }

  /**
   * Reads a string.
   *
   * @param prefix how many characters stand before its quotes and hashes
   */
  private void string(int prefix) throws Refusal {
    boolean raw = text.startsWith("r", at + prefix - 1) && prefix > 0;
    int open = text.indexOf('"', at + prefix);
    String close = '"' + text.substring(at + prefix, open);
    int end = open + 1;
    while (end < text.length() && !text.startsWith(close, end)) {
      end += !raw && text.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= text.length()) {
      throw new Refusal(here(), "this string does not end: close it with " + close);
    }
    String content = text.substring(open + 1, end);
    add(Kind.STRING, raw ? content : Escapes.resolve(content), at, end + close.length());
  }

  /** A character or a lifetime. */
  private void quote() throws Refusal {
    int first = at + 1 < text.length() ? text.codePointAt(at + 1) : -1;
    if (first == '\\') {
      int end = text.indexOf('\'', at + 3);
      if (end < 0 || end - at > 12) { // the longest has the braces of a code point
        throw new Refusal(here(), "this character does not end: close it with '");
      }
      add(Kind.LITERAL, text.substring(at, end + 1), at, end + 1);
      return;
    }
    int second = at + 1 + (first < 0 ? 0 : Character.charCount(first));
    if (first >= 0 && text.startsWith("'", second)) {
      add(Kind.LITERAL, text.substring(at, second + 1), at, second + 1);
    } else if (first >= 0 && isStart(first)) {
      int end = partsFrom(second);
      add(Kind.LIFETIME, text.substring(at, end), at, end);
    } else {
      throw new Refusal(here(), "this character does not end: close it with '");
    }
  }

  private int partsFrom(int start) {
    int end = start;
    while (end < text.length() && isPart(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return end;
  }

  private void number() {
    int end = partsFrom(at);
    if (text.startsWith(".", end)
        && end + 1 < text.length()
        && Character.digit(text.charAt(end + 1), 10) >= 0) {
      end = partsFrom(end + 1);
    }
    add(Kind.LITERAL, text.substring(at, end), at, end);
  }

  private void name() throws Refusal {
    int end = partsFrom(at);
    String name = text.substring(at, end);
    if (STRING_PREFIXES.contains(name)) {
      int hashes = end;
      while (name.contains("r") && text.startsWith("#", hashes)) {
        hashes++;
      }
      if (text.startsWith("\"", hashes)) {
        string(name.length());
        return;
      }
      if (name.equals("b") && text.startsWith("'", end)) {
        at = end; // a byte is a character here
        quote();
        return;
      }
      if (name.equals("r")
          && hashes == end + 1
          && hashes < text.length()
          && isStart(text.codePointAt(hashes))) {
        int rawEnd = partsFrom(hashes);
        add(Kind.RAW_NAME, text.substring(hashes, rawEnd), at, rawEnd);
        return;
      }
    }
    add(Kind.NAME, name, at, end);
  }

  private void mark(int c) throws Refusal {
    for (String mark : LONG_MARKS) {
      if (text.startsWith(mark, at)) {
        add(Kind.MARK, mark, at, at + mark.length());
        return;
      }
    }
    if (c <= ' ' || c > '~') {
      throw new Refusal(here(), "U+%04X stands in no source of Rust here".formatted(c));
    }
    add(Kind.MARK, Character.toString(c), at, at + 1);
  }
}
