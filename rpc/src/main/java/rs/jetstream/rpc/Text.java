package rs.jetstream.rpc;

/** Text of a peer's, made fit for messages and logs. */
final class Text {
  private static final int MAX_LENGTH = 500;

  private Text() {}

  /** Without control characters, and not without end. */
  static String printable(String text) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), MAX_LENGTH) + 16);
    for (int i = 0; i < text.length(); i++) {
      if (i == MAX_LENGTH) {
        return out.append("…").toString();
      }
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
