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
    for (int i = 0; i < content.length(); i++) {
      char c = content.charAt(i);
      char next = c == '\\' && i + 1 < content.length() ? content.charAt(i + 1) : 0;
      switch (next) {
        case 'n' -> text.append('\n');
        case 'r' -> text.append('\r');
        case 't' -> text.append('\t');
        case '\\', '"', '\'' -> text.append(next);
        default -> {
          text.append(c);
          continue;
        }
      }
      i++;
    }
    return text.toString();
  }
}
