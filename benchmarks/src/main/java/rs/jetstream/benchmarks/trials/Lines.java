package rs.jetstream.benchmarks.trials;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import rs.jetstream.benchmarks.Options;

/** Lines of standard input, each answered by one of JSON, until standard input ends. */
final class Lines {
  /** Does what a line says. */
  interface Doing {
    Map<String, ?> run(String[] words) throws Exception;
  }

  private Lines() {}

  static void serve(Doing doing) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = lines.readLine()) != null; ) {
      say(answer(doing, line.strip()));
    }
  }

  private static String answer(Doing doing, String line) {
    try {
      return json(doing.run(line.split("\\s+", -1)));
    } catch (Exception e) {
      e.printStackTrace();
      return json(Map.of("ok", false, "error", line + ": " + e));
    }
  }

  /** Numbers and truth as they are, all else as text. */
  private static String json(Map<String, ?> figures) {
    return figures.entrySet().stream()
        .map(it -> quoted(it.getKey()) + ":" + value(it.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String value(Object value) {
    return value instanceof Number || value instanceof Boolean
        ? value.toString()
        : quoted(value.toString());
  }

  private static String quoted(String text) {
    return "\"" + text.replaceAll("[\\p{Cntrl}\"\\\\]", " ") + "\"";
  }

  static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  static Map<String, Object> nothing() {
    return Map.of("ok", true);
  }

  static IllegalArgumentException unknown(String word) {
    return new IllegalArgumentException("nobody knows how to " + word);
  }

  /** The server's address on the loopback, of which {@code --connect} tells the port. */
  static InetSocketAddress server(Options options) {
    String connect = options.text("connect");
    int port = Integer.parseInt(connect.substring(connect.lastIndexOf(':') + 1));
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
