package rs.jetstream.cli.rust;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The text of one file of Java, with its imports. */
final class SourceText {
  static final int WIDTH = 100;

  private final String packageName;
  private final String owner;

  /** Names of all files of the package. */
  private final Set<String> files;

  /** Those that are declared inside this one. */
  private final Set<String> nested;

  private final Set<String> imports = new TreeSet<>();
  private final List<String> lines = new ArrayList<>();

  SourceText(String packageName, String owner, Set<String> files, List<String> nested) {
    this.packageName = packageName;
    this.owner = owner;
    this.files = files;
    this.nested = Set.copyOf(nested);
  }

  void add(String line) {
    lines.add(line);
  }

  void addAll(List<String> more) {
    lines.addAll(more);
  }

  /** How the type or annotation with this name is written here, which is imported if it can be. */
  String name(String qualified) {
    return name(qualified, "");
  }

  /** As {@link #name(String)}, with annotations where the language wants them. */
  private String name(String qualified, String annotations) {
    int dot = qualified.lastIndexOf('.');
    String simple = qualified.substring(dot + 1);
    if (files.contains(simple) || nested.contains(simple)) {
      return qualified.substring(0, dot + 1) + annotations + simple;
    }
    if (!qualified.startsWith("java.lang.")) {
      imports.add(qualified);
    }
    return annotations + simple;
  }

  /** The name of a type that was imported from Rust. */
  private String imported(String name, String annotations) {
    if (name.startsWith(owner + ".")) {
      return annotations + name.substring(owner.length() + 1);
    }
    return nested.contains(name) ? packageName + "." + annotations + name : annotations + name;
  }

  /** A type where a primitive may stand. */
  String type(JavaType type) {
    return type(type, true, false);
  }

  /** A type where {@code null} means that it is absent. */
  String nullable(JavaType type) {
    return type(type, true, true);
  }

  /** A type inside another. */
  String argument(@Nullable JavaType type) {
    return type == null ? name("java.lang.Void") : type(type, false, false);
  }

  private String type(JavaType type, boolean primitive, boolean nullable) {
    StringBuilder annotations = new StringBuilder();
    if (nullable) {
      annotations.append('@').append(name("org.jspecify.annotations.Nullable")).append(' ');
    } else if (!type.codec().isEmpty()) {
      annotations.append('@').append(name(type.annotation()));
      annotations.append('(').append(type.codec()).append(".class) ");
    } else if (!type.annotation().isEmpty()) {
      annotations.append('@').append(name(type.annotation())).append(' ');
    }
    if (primitive && !type.primitive().isEmpty()) {
      return annotations + type.primitive();
    }
    String named =
        type.isImported()
            ? imported(type.name(), annotations.toString())
            : name(type.name(), annotations.toString());
    if (type.arguments().isEmpty()) {
      return named;
    }
    return named
        + "<"
        + String.join(", ", type.arguments().stream().map(this::argument).toList())
        + ">";
  }

  /** Adds members between {@code start} and {@code end}, on as few lines as there is room for. */
  void addList(String indent, String start, List<String> members, String end) {
    String line = indent + start + String.join(", ", members) + end;
    if (line.length() <= WIDTH || members.isEmpty()) {
      lines.add(line);
      return;
    }
    lines.add(indent + start);
    String inner = indent + "    ";
    String rest = inner + String.join(", ", members) + end;
    if (rest.length() <= WIDTH) {
      lines.add(rest);
      return;
    }
    for (int i = 0; i < members.size(); i++) {
      lines.add(inner + members.get(i) + (i < members.size() - 1 ? "," : end));
    }
  }

  /** All of it. */
  String text(String firstLine) {
    StringBuilder text = new StringBuilder();
    text.append(firstLine).append("\npackage ").append(packageName).append(";\n\n");
    imports.forEach(it -> text.append("import ").append(it).append(";\n"));
    text.append(imports.isEmpty() ? "" : "\n");
    lines.forEach(it -> text.append(it).append('\n'));
    return text.toString();
  }
}
