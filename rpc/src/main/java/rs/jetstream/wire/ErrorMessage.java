package rs.jetstream.wire;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import rs.jetstream.wire.WireFormatException.Kind;

/**
 * The payload of {@link MessageType#ERROR}.
 *
 * <p>On the wire the texts of the trace are numbers into a table; here they are texts.
 *
 * @param message for people
 * @param code for programs, such as {@code server::validation::E001}
 * @param help what to do about it
 * @param url where to read more
 * @param trace the spans that were open where the error was made, innermost first; empty when the
 *     peer does not tell
 */
public record ErrorMessage(
    String message,
    @Nullable String code,
    @Nullable String help,
    @Nullable String url,
    List<Span> trace) {

  /** How severe what a span belongs to is. */
  public enum Level {
    /** The finest. */
    TRACE,
    /** For developers. */
    DEBUG,
    /** For operators. */
    INFO,
    /** Something is odd. */
    WARN,
    /** Something failed. */
    ERROR
  }

  /**
   * What was going on in the peer.
   *
   * @param message the text of the span
   * @param name its name; empty for none, as the four below
   * @param target the part of the program
   * @param module the module
   * @param file the source file
   * @param line the line in it, 0 to 65,535
   * @param fields what the span was about
   * @param level how severe it is
   */
  public record Span(
      String message,
      String name,
      String target,
      String module,
      String file,
      int line,
      List<Field> fields,
      Level level) {
    /** Copies the list. */
    public Span {
      fields = List.copyOf(fields);
    }
  }

  /** One thing that a span is about. */
  public record Field(String key, String value) {}

  /** Reads and writes it. */
  // r[impl jetstream.rpc.error]
  public static final Codec<ErrorMessage> CODEC = new ErrorCodec();

  /** Copies the list. */
  public ErrorMessage {
    trace = List.copyOf(trace);
  }

  /** An error that says no more than {@code message}. */
  public static ErrorMessage of(String message) {
    return new ErrorMessage(message, null, null, null, List.of());
  }

  private static final class ErrorCodec implements Codec<ErrorMessage> {
    private static final List<Level> LEVELS = List.of(Level.values());

    @Override
    public void write(WireWriter out, ErrorMessage value) throws WireFormatException {
      out.writeString(value.message);
      writeOptional(out, value.code);
      writeOptional(out, value.help);
      writeOptional(out, value.url);
      // Entry 0 stands for none. The order of the rest is Rust's.
      Map<String, Integer> table = new LinkedHashMap<>();
      if (!value.trace.isEmpty()) {
        table.put("", 0);
      }
      for (Span span : value.trace) {
        for (String text : List.of(span.file, span.module, span.target, span.name)) {
          table.putIfAbsent(text, table.size());
        }
        for (Field field : span.fields) {
          table.putIfAbsent(field.key, table.size());
          table.putIfAbsent(field.value, table.size());
        }
      }
      out.writeCount(table.size());
      for (String text : table.keySet()) {
        out.writeString(text);
      }
      out.writeCount(value.trace.size());
      for (Span span : value.trace) {
        write(out, span, table);
      }
    }

    private static void write(WireWriter out, Span span, Map<String, Integer> table)
        throws WireFormatException {
      out.writeString(span.message);
      writeIndex(out, table, span.name);
      writeIndex(out, table, span.target);
      writeIndex(out, table, span.module);
      writeIndex(out, table, span.file);
      out.writeU16(span.line);
      out.writeCount(span.fields.size());
      for (Field field : span.fields) {
        writeIndex(out, table, field.key);
        writeIndex(out, table, field.value);
      }
      out.writeVariant(LEVELS.indexOf(span.level));
    }

    private static void writeIndex(WireWriter out, Map<String, Integer> table, String text)
        throws WireFormatException {
      Integer index = table.get(text);
      out.writeU16(index == null ? 0 : index);
    }

    private static void writeOptional(WireWriter out, @Nullable String text)
        throws WireFormatException {
      out.writePresent(text != null);
      if (text != null) {
        out.writeString(text);
      }
    }

    @Override
    public ErrorMessage read(WireReader in) throws WireFormatException {
      String message = in.readString();
      String code = readOptional(in);
      String help = readOptional(in);
      String url = readOptional(in);
      int texts = in.readCount();
      List<String> table = new ArrayList<>();
      for (int i = 0; i < texts; i++) {
        table.add(in.readString());
      }
      int spans = in.readCount();
      List<Span> trace = new ArrayList<>();
      for (int i = 0; i < spans; i++) {
        trace.add(readSpan(in, table));
      }
      return new ErrorMessage(message, code, help, url, trace);
    }

    private static Span readSpan(WireReader in, List<String> table) throws WireFormatException {
      String message = in.readString();
      String name = readIndex(in, table);
      String target = readIndex(in, table);
      String module = readIndex(in, table);
      String file = readIndex(in, table);
      int line = in.readU16();
      int count = in.readCount();
      List<Field> fields = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        fields.add(new Field(readIndex(in, table), readIndex(in, table)));
      }
      Level level = LEVELS.get(in.readVariant(LEVELS.size()));
      return new Span(message, name, target, module, file, line, fields, level);
    }

    private static String readIndex(WireReader in, List<String> table) throws WireFormatException {
      int index = in.readU16();
      if (index < table.size()) {
        return table.get(index);
      }
      if (index == 0) {
        return "";
      }
      throw in.failure(
          Kind.BAD_INDEX, "the table has " + table.size() + " texts and no text " + index);
    }

    private static @Nullable String readOptional(WireReader in) throws WireFormatException {
      return in.readPresent() ? in.readString() : null;
    }
  }
}
