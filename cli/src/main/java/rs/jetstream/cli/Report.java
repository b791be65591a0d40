package rs.jetstream.cli;

import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.Style;

/** Lines of a name and a value for a terminal of 80 columns; long values go on below. */
final class Report {
  private static final int WIDTH = 80;
  private static final int INDENT = 16;

  private final PrintWriter out;

  Report(PrintWriter out) {
    this.out = out;
  }

  void title(String text) {
    // Not by Ansi's markup, which the text may contain.
    boolean colors = Ansi.AUTO.enabled();
    out.println(colors ? Style.bold.on() + text + Style.reset.on() : text);
    out.flush();
  }

  void section(String text) {
    blank();
    title(text);
  }

  void blank() {
    out.println();
  }

  void line(String name, String value) {
    line(name, value, INDENT);
  }

  /** With the value at column {@code indent}. */
  void line(String name, String value, int indent) {
    StringBuilder line = new StringBuilder("  " + name);
    pad(line, indent);
    boolean empty = true;
    for (String word : value.split(" ", -1)) {
      if (!empty && line.length() + 1 + word.length() > WIDTH) {
        out.println(line);
        line.setLength(0);
        pad(line, indent);
        empty = true;
      }
      line.append(empty ? "" : " ").append(word);
      empty = false;
    }
    out.println(line);
    out.flush();
  }

  private static void pad(StringBuilder line, int indent) {
    line.repeat(' ', Math.max(1, indent - line.length()));
  }

  /** Letters of ASCII only: a terminal may know no other. */
  static String millis(long nanos) {
    return String.format(Locale.ROOT, nanos < 10_000_000 ? "%.3f ms" : "%,.0f ms", nanos / 1e6);
  }

  /** Without the name and slash of the JDK. */
  static String address(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }

  static String bytes(long size) {
    return size < 1 << 20
        ? String.format(Locale.ROOT, "%,d bytes", size)
        : String.format(Locale.ROOT, "%,.1f MiB", size / 1048576.0);
  }
}
