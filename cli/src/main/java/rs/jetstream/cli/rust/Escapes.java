package rs.jetstream.cli.rust;

/** What escapes in strings stand for. */
final class Escapes {
  private Escapes() {}

  /** Resolves those that texts have; any other stays as it is written. */
  static String resolve(String content) {
    if (content.indexOf('\\') < 0) {
      return content;
    }
    StringBuilder text = new StringBuilder(content.length());
    int i = 0;
    while (i < content.length()) {
      char c = content.charAt(i);
      char next = c == '\\' && i + 1 < content.length() ? content.charAt(i + 1) : 0;
      char resolved =
          switch (next) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '\\', '"', '\'' -> next;
            default -> 0;
          };
      text.append(resolved == 0 ? c : resolved);
      i += resolved == 0 ? 1 : 2;
    }
    return text.toString();
  }
}
