package rs.jetstream.cli.rust;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import rs.jetstream.cli.rust.JavaModel.Component;
import rs.jetstream.cli.rust.JavaModel.JavaRecord;
import rs.jetstream.cli.rust.JavaModel.Method;

/** Writes the files. */
final class JavaWriter {
  /** Whose absence is empty and not null, as the annotation processor has it. */
  private static final Set<String> EMPTY_WHEN_SKIPPED =
      Set.of(
          "java.lang.String",
          "java.util.Optional",
          "java.util.List",
          "java.util.Set",
          "java.util.Map");

  private final String packageName;
  private final Set<String> files;

  JavaWriter(String packageName, Set<String> files) {
    this.packageName = packageName;
    this.files = files;
  }

  String write(JavaModel model) {
    SourceText text = new SourceText(packageName, model.name(), files, model.nested());
    switch (model.body()) {
      case JavaModel.OfRecord of -> ofRecord(model, of, text);
      case JavaModel.OfConstants of -> ofConstants(model, of, text);
      case JavaModel.OfVariants of -> ofVariants(model, of, text);
      case JavaModel.OfService of -> ofService(model, of, text);
    }
    // A name of a file may have anything in it, even what ends a line of Java.
    String file =
        String.valueOf(Path.of(model.from().file()).getFileName()).replaceAll("[^\\w.-]", "_");
    return text.text("// From " + file + ", by jetstream import.");
  }

  private static void ofRecord(JavaModel model, JavaModel.OfRecord of, SourceText text) {
    List<String> tags = params(of.components());
    text.addAll(Javadoc.comment(model.docs(), tags, ""));
    boolean isEmpty = model.tuples().isEmpty();
    head("", "public record " + model.name(), of.components(), isEmpty ? ") {}" : ") {", text);
    if (!isEmpty) {
      inside(model.tuples(), "public ", "", false, text);
      text.add("}");
    }
  }

  private static void ofConstants(JavaModel model, JavaModel.OfConstants of, SourceText text) {
    text.addAll(Javadoc.comment(model.docs(), List.of(), ""));
    text.add("public enum " + model.name() + " {");
    int last = of.constants().size() - 1;
    for (int i = 0; i <= last; i++) {
      JavaModel.Constant constant = of.constants().get(i);
      text.addAll(Javadoc.comment(constant.docs(), List.of(), "  "));
      text.add("  " + constant.name() + (i < last ? "," : ""));
    }
    text.add("}");
  }

  private static void ofVariants(JavaModel model, JavaModel.OfVariants of, SourceText text) {
    text.addAll(Javadoc.comment(model.docs(), List.of(), ""));
    text.add("public sealed interface " + model.name() + " {");
    inside(of.variants(), "", " implements " + model.name(), false, text);
    inside(model.tuples(), "", "", true, text);
    text.add("}");
  }

  private static void ofService(JavaModel model, JavaModel.OfService of, SourceText text) {
    text.addAll(Javadoc.comment(model.docs(), List.of(), ""));
    text.add(
        "@"
            + text.name("rs.jetstream.rpc.JetStreamService")
            + "(version = \""
            + of.version()
            + "\")");
    text.add("public interface " + model.name() + " {");
    boolean follows = false;
    for (Method method : of.methods()) {
      if (follows) {
        text.add("");
      }
      follows = true;
      method(method, text);
    }
    inside(model.tuples(), "", "", follows, text);
    text.add("}");
  }

  private static void method(Method method, SourceText text) {
    text.addAll(Javadoc.comment(method.docs(), params(method.parameters()), "  "));
    String result =
        method.end() != null
            ? text.name("rs.jetstream.rpc.Subscription")
                + ("<" + text.argument(method.result()) + ", " + text.argument(method.end()) + ">")
            : method.result() == null ? "void" : text.type(method.result());
    if (result.startsWith("@") && method.end() == null) {
      // On a line of its own, as one writes it.
      int space = result.indexOf(' ');
      text.add("  " + result.substring(0, space));
      result = result.substring(space + 1);
    }
    List<String> parameters =
        method.parameters().stream().map(it -> text.type(it.type()) + " " + it.name()).toList();
    String thrown = ") throws " + text.name("java.io.IOException") + ";";
    text.addList("  ", result + " " + method.name() + "(", parameters, thrown);
  }

  /** Records in the type around them. */
  private static void inside(
      List<JavaRecord> records,
      String access,
      String implemented,
      boolean follows,
      SourceText text) {
    boolean blank = follows;
    for (JavaRecord record : records) {
      if (blank) {
        text.add("");
      }
      blank = true;
      text.addAll(Javadoc.comment(record.docs(), params(record.components()), "  "));
      String start = access + "record " + record.name();
      head("  ", start, record.components(), ")" + implemented + " {}", text);
    }
  }

  private static void head(
      String indent, String start, List<Component> components, String end, SourceText text) {
    text.addList(
        indent, start + "(", components.stream().map(it -> component(it, text)).toList(), end);
  }

  private static String component(Component component, SourceText text) {
    JavaType type = component.type();
    if (!component.isSkipped()) {
      return text.type(type) + " " + component.name();
    }
    boolean isNullable = type.primitive().isEmpty() && !EMPTY_WHEN_SKIPPED.contains(type.name());
    return ("@" + text.name(JavaType.WIRE + "Skip") + " ")
        + ((isNullable ? text.nullable(type) : text.type(type)) + " " + component.name());
  }

  private static List<String> params(List<Component> components) {
    List<String> tags = new ArrayList<>();
    components.forEach(it -> tags.addAll(Javadoc.param(it.name(), it.docs())));
    return tags;
  }

  /** Writes a codec that the annotation processor has no annotation for. */
  String writeCodec(String name) {
    Map.Entry<String, String> delegate = KnownTypes.delegate(name);
    SourceText text = new SourceText(packageName, name, files, List.of());
    String type = text.name(delegate.getKey());
    String codec = text.name(JavaType.WIRE + "Codecs");
    String constant = codec + "." + delegate.getValue();
    String thrown = ") throws " + text.name(JavaType.WIRE + "WireFormatException") + " {";
    String keyCodec = text.name(JavaType.WIRE + "KeyCodec") + "<" + type + ">";
    String override = "  @" + text.name("java.lang.Override");
    text.add("/** {@link " + codec + "#" + delegate.getValue() + "} as a class. */");
    text.add("public final class " + name + " implements " + keyCodec + " {");
    text.add(override);
    List<String> written =
        List.of(text.name(JavaType.WIRE + "WireWriter") + " out", type + " value");
    text.addList("  ", "public void write(", written, thrown);
    text.add("    " + constant + ".write(out, value);");
    text.addAll(List.of("  }", "", override));
    List<String> read = List.of(text.name(JavaType.WIRE + "WireReader") + " in");
    text.addList("  ", "public " + type + " read(", read, thrown);
    text.add("    return " + constant + ".read(in);");
    text.addAll(List.of("  }", "", override));
    text.add("  public int compare(" + type + " a, " + type + " b) {");
    text.add("    return " + constant + ".compare(a, b);");
    text.addAll(List.of("  }", "}"));
    return text.text("// By jetstream import.");
  }
}
