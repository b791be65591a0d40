package rs.jetstream.wire;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import rs.jetstream.wire.RustTypes.RustType;
import rs.jetstream.wire.WireFormatException.Kind;

/** The service of the vectors, as a table of its messages. */
final class InteropService {
  private static final RustType ERROR = error();
  private static final RustType VERSION =
      type(
          VersionMessage.CODEC,
          json -> new VersionMessage(u32(json, "msize"), text(json, "version")));

  static final Map<Integer, RustType> REQUESTS = new TreeMap<>(Map.of(100, VERSION));
  static final Map<Integer, RustType> RESPONSES = new TreeMap<>(Map.of(101, VERSION, 5, ERROR));

  static {
    String everything =
        Vectors.values().stream()
            .map(Vectors.Vector::type)
            .filter(t -> t.startsWith("Everything"))
            .findFirst()
            .orElseThrow();
    add(0, "Args()", "()");
    add(1, "Args(String)", "String");
    add(2, "Args(i64,i64)", "i64");
    add(3, "Args(i32,i32)", "i32");
    add(4, "Args(Data)", "Data");
    add(5, "Args(u32,u32)", "u32");
    add(6, "Args()", "String");
    add(7, "Args(" + everything + ")", everything);
    add(8, "Args(Shape,u16)", "Vec<Shape>");
    add(9, "Args(String,Option<String>,Option<String>,Option<String>)", "()");
  }

  /** A whole message. */
  record Message(int type, int tag, Object payload) {}

  private InteropService() {}

  private static void add(int index, String arguments, String result) {
    REQUESTS.put(MessageType.request(index), RustTypes.of(arguments));
    RESPONSES.put(MessageType.response(index), RustTypes.of(result));
  }

  static Message read(MemorySegment frame, Map<Integer, RustType> types)
      throws WireFormatException {
    Frames.check(frame);
    RustType type = types.get(Frames.type(frame));
    if (type == null) {
      throw new WireFormatException(Kind.BAD_TYPE, 4, "no such message");
    }
    return new Message(Frames.type(frame), Frames.tag(frame), Frames.read(frame, type.codec()));
  }

  static void write(WireWriter out, Message message, Map<Integer, RustType> types)
      throws WireFormatException {
    Codec<Object> codec = types.get(message.type).codec();
    Frames.write(out, message.type, message.tag, codec, message.payload);
  }

  /** The message as a vector's value spells it. */
  static Message message(JsonNode json, Map<Integer, RustType> types) throws Exception {
    int type = json.get("type").intValue();
    JsonNode payload =
        json.has("error")
            ? json.get("error")
            : json.has("args") ? json.get("args") : json.has("result") ? json.get("result") : json;
    return new Message(type, json.get("tag").intValue(), types.get(type).value(payload));
  }

  static RustType error() {
    return type(
        ErrorMessage.CODEC,
        json -> {
          List<String> table = new ArrayList<>();
          json.get("backtrace").get("intern_table").forEach(text -> table.add(text.textValue()));
          List<ErrorMessage.Span> trace = new ArrayList<>();
          for (JsonNode span : json.get("backtrace").get("frames")) {
            List<ErrorMessage.Field> fields = new ArrayList<>();
            for (JsonNode field : span.get("fields")) {
              fields.add(
                  new ErrorMessage.Field(
                      interned(table, field, "key"), interned(table, field, "value")));
            }
            trace.add(
                new ErrorMessage.Span(
                    text(span, "msg"),
                    interned(table, span, "name"),
                    interned(table, span, "target"),
                    interned(table, span, "module"),
                    interned(table, span, "file"),
                    span.get("line").intValue(),
                    fields,
                    ErrorMessage.Level.valueOf(text(span, "level"))));
          }
          return new ErrorMessage(
              text(json, "message"),
              some(json, "code"),
              some(json, "help"),
              some(json, "url"),
              trace);
        });
  }

  @SuppressWarnings("unchecked") // the table says which codec belongs to which values
  private static RustType type(Codec<?> codec, RustTypes.FromJson fromJson) {
    return new RustType((Codec<Object>) codec, fromJson);
  }

  private static String interned(List<String> table, JsonNode json, String field) {
    return table.get(json.get(field).intValue());
  }

  private static String some(JsonNode json, String field) {
    JsonNode option = json.get(field);
    return option.isNull() ? null : option.get("some").textValue();
  }

  private static String text(JsonNode json, String field) {
    return json.get(field).textValue();
  }

  private static long u32(JsonNode json, String field) {
    return json.get(field).longValue();
  }

  static Map<Integer, RustType> both() {
    Map<Integer, RustType> both = new HashMap<>(REQUESTS);
    both.putAll(RESPONSES);
    return both;
  }
}
