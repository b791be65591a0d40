package rs.jetstream.cli.rust;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Doc comments of Rust, which are Markdown, as those of Java. */
final class Javadoc {
  /** A link to something of the same crate: {@code [`Name`]}. */
  private static final Pattern LINK = Pattern.compile("\\[(`[^`\\]]*`)](?![(\\[])");

  /** What may stand in {@code @code} as it is. */
  private static final Pattern PLAIN_CODE = Pattern.compile("[^{}@\\\\*]*");

  private Javadoc() {}

  /**
   * The lines of a comment, none if it would say nothing.
   *
   * @param docs the lines of Rust's
   * @param tags further ones at its end
   */
  static List<String> comment(List<String> docs, List<String> tags, String indent) {
    List<String> text = text(docs);
    if (!text.isEmpty() && !tags.isEmpty()) {
      text.add("");
    }
    text.addAll(tags);
    if (text.isEmpty()) {
      return text;
    }
    String single = indent + "/** " + text.getFirst() + " */";
    if (text.size() == 1 && single.length() <= SourceText.WIDTH) {
      return List.of(single);
    }
    List<String> lines = new ArrayList<>();
    lines.add(indent + "/**");
    text.forEach(it -> lines.add((indent + " * " + it).stripTrailing()));
    lines.add(indent + " */");
    return lines;
  }

  /** The tag of a parameter, none if it would say nothing. */
  static List<String> param(String name, List<String> docs) {
    List<String> text = text(docs);
    text.removeIf(String::isEmpty);
    for (int i = 0; i < text.size(); i++) {
      text.set(i, i == 0 ? "@param " + name + " " + text.get(i) : "    " + text.get(i));
    }
    return text;
  }

  private static List<String> text(List<String> docs) {
    List<String> lines = new ArrayList<>();
    boolean fenced = false;
    boolean paragraph = false;
    for (String doc : trimmed(docs)) {
      String line = doc.stripTrailing();
      if (line.startsWith(" ")) {
        line = line.substring(1);
      }
      if (line.strip().startsWith("```")) {
        lines.add(fenced ? "</pre>" : "<pre>");
        fenced = !fenced;
      } else if (fenced) {
        lines.add(escaped(line));
      } else if (line.isBlank()) {
        if (!paragraph) {
          lines.add("");
        }
        paragraph = true;
        continue;
      } else {
        lines.add((paragraph ? "<p>" : "") + inline(LINK.matcher(line).replaceAll("$1")));
      }
      paragraph = false;
    }
    if (fenced) {
      lines.add("</pre>");
    }
    return lines;
  }

  /** Without blank lines at both ends. */
  private static List<String> trimmed(List<String> docs) {
    int from = 0;
    int to = docs.size();
    while (from < to && docs.get(from).isBlank()) {
      from++;
    }
    while (to > from && docs.get(to - 1).isBlank()) {
      to--;
    }
    return docs.subList(from, to);
  }

  private static String inline(String line) {
    String[] parts = line.split("`", -1);
    if (parts.length % 2 == 0) { // one has no end
      return escaped(line);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < parts.length; i++) {
      if (i % 2 == 0) {
        text.append(escaped(parts[i]));
      } else if (PLAIN_CODE.matcher(parts[i]).matches() && !parts[i].isBlank()) {
        text.append("{@code ").append(parts[i]).append('}');
      } else {
        text.append("<code>").append(escaped(parts[i])).append("</code>");
      }
    }
    return text.toString();
  }

  /** Says the same to readers, and nothing to the compiler and the tool. */
  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean ends = c == '/' && i > 0 && text.charAt(i - 1) == '*';
      escaped.append(
          switch (c) {
            case '&' -> "&amp;";
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '@' -> "&#64;";
            case '\\' -> "&#92;";
            case '{' -> "&#123;";
            case '}' -> "&#125;";
            case '/' -> ends ? "&#47;" : "/";
            default -> Character.isISOControl(c) && c != '\t' ? " " : String.valueOf(c);
          });
    }
    return escaped.toString();
  }
}
