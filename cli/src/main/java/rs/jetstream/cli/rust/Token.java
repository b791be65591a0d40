package rs.jetstream.cli.rust;

/**
 * One token of a source.
 *
 * @param text a name without {@code r#}, the text of a doc comment, or the token as it stands
 * @param line from 1
 * @param column from 1, in UTF-16 units
 */
record Token(Kind kind, String text, String file, int line, int column) {
  /** What tokens are told apart by. */
  enum Kind {
    NAME,
    /** A name with {@code r#}, which is no keyword. */
    RAW_NAME,
    LIFETIME,
    /** A string, whose text is what stands between the quotes. */
    STRING,
    /** Numbers, characters and bytes, which nothing here depends on. */
    LITERAL,
    /** A doc comment of what follows it. */
    DOC,
    MARK,
    /** The end of the file, or of the group that is read. */
    END
  }

  boolean is(String mark) {
    return text.equals(mark) && (kind == Kind.MARK || kind == Kind.NAME);
  }

  boolean isName() {
    return kind == Kind.NAME || kind == Kind.RAW_NAME;
  }

  String place() {
    return file + ":" + line + ":" + column;
  }

  /** For people. */
  String described() {
    return switch (kind) {
      case END -> text.isEmpty() ? "the end of the file" : "'" + text + "'";
      case STRING, LITERAL -> "a literal";
      case DOC -> "a doc comment";
      default -> "'" + text + "'";
    };
  }
}
