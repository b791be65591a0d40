package rs.jetstream.quic;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Holds JSON against the names and types of the drafts of qlog, in {@code qlog-names.txt}. */
final class QlogNames {
  private record Field(String type, boolean optional) {}

  private final Map<String, Map<String, Field>> objects = new LinkedHashMap<>();
  private final Map<String, String> types = new LinkedHashMap<>();

  QlogNames() throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(QlogNames.class.getResourceAsStream("qlog-names.txt")),
                StandardCharsets.UTF_8))) {
      lines.lines().filter(line -> !line.startsWith("#")).forEach(this::read);
    }
  }

  private void read(String line) {
    int space = line.indexOf(' ');
    String name = line.substring(0, space);
    String type = line.substring(space + 1);
    if (type.startsWith("= ")) {
      types.put(name, type.substring(2));
      return;
    }
    int dot = name.indexOf('.');
    boolean optional = name.endsWith("?");
    String field = name.substring(dot + 1, name.length() - (optional ? 1 : 0));
    objects
        .computeIfAbsent(name.substring(0, dot), key -> new LinkedHashMap<>())
        .put(field, new Field(type, optional));
  }

  boolean isEvent(String name) {
    return name.indexOf(':') > 0 && objects.containsKey(name);
  }

  /** What is wrong with {@code value} as a {@code type}; nothing when it is right. */
  List<String> faults(String type, JsonNode value) {
    List<String> faults = new ArrayList<>();
    check(type, type, value, faults);
    return faults;
  }

  private void check(String at, String type, JsonNode value, List<String> faults) {
    if (type.startsWith("[")) {
      if (!value.isArray()) {
        faults.add(at + " is no list");
      }
      String element = type.substring(1, type.length() - 1);
      value.forEach(it -> check(at + "[]", element, it, faults));
      return;
    }
    List<String> choices = List.of(type.split("\\|"));
    if (choices.size() > 1) {
      List<String> first = null;
      for (String choice : choices) {
        List<String> of = new ArrayList<>();
        check(at, choice, value, of);
        if (of.isEmpty()) {
          return;
        }
        // Of frames, the one that the value says it is.
        first = first == null || of.size() < first.size() ? of : first;
      }
      faults.add(at + " is none of " + type + ": " + value + " " + first);
      return;
    }
    Map<String, Field> fields = objects.get(type);
    if (fields != null) {
      checkObject(at, fields, value, faults);
    } else if (!isScalar(type, value)) {
      String alias = types.get(type);
      if (alias == null || alias.startsWith("uint")) {
        faults.add(at + " is no " + type + ": " + value);
      } else {
        check(at, alias, value, faults);
      }
    }
  }

  private void checkObject(
      String at, Map<String, Field> fields, JsonNode value, List<String> faults) {
    if (!value.isObject()) {
      faults.add(at + " is no object: " + value);
      return;
    }
    value
        .fieldNames()
        .forEachRemaining(name -> {
          Field field = fields.get(name);
          if (field == null) {
            faults.add(at + " has no field " + name);
          } else {
            check(at + "." + name, field.type(), value.get(name), faults);
          }
        });
    fields.forEach((name, field) -> {
      if (!field.optional() && !value.has(name)) {
        faults.add(at + " lacks " + name);
      }
    });
  }

  private static boolean isScalar(String type, JsonNode value) {
    return switch (type) {
      case "any" -> true;
      case "text" -> value.isTextual();
      case "bool" -> value.isBoolean();
      case "float32", "float64" -> value.isNumber();
      case "uint8" -> isUnsigned(value, 0xff);
      case "uint16" -> isUnsigned(value, 0xffff);
      case "uint32" -> isUnsigned(value, 0xffff_ffffL);
      case "uint64" -> isUnsigned(value, Long.MAX_VALUE);
      default ->
          type.startsWith("\"")
              ? value.isTextual() && type.equals('"' + value.textValue() + '"')
              : type.startsWith("/")
                  && value.isTextual()
                  && value.textValue().matches(type.substring(1, type.length() - 1));
    };
  }

  private static boolean isUnsigned(JsonNode value, long most) {
    return value.canConvertToLong()
        && value.isIntegralNumber()
        && value.longValue() >= 0
        && value.longValue() <= most;
  }
}
