package rs.jetstream.rpc.processor;

import java.util.List;
import java.util.StringJoiner;
import javax.lang.model.element.Element;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import rs.jetstream.rpc.processor.Wire.Field;
import rs.jetstream.rpc.processor.Wire.Shape;

/** Writes the codec of a declared type. */
final class CodecWriter {
  private final Shapes shapes;
  private final WireTypes wires;
  private final Generator generator;

  CodecWriter(Shapes shapes, WireTypes wires, Generator generator) {
    this.shapes = shapes;
    this.wires = wires;
    this.generator = generator;
  }

  /**
   * Writes it, unless the type was compiled before.
   *
   * @param usedBy the service or type that needs it: itself where its annotation asks for it
   */
  void write(TypeElement type, TypeElement usedBy) throws Unsupported {
    Shape shape = shapes.of(type);
    if (shape instanceof Shape.Compiled) {
      return;
    }
    String name = SourceFile.flatName(type) + "Codec";
    SourceFile file = new SourceFile(SourceFile.packageOf(type), name, type);
    file.comesFrom(usedBy);
    Code code = new Code(file, shapes, wires, type);
    boolean key = shapes.isKey(new Wire.Declared(type));
    String itself = file.name(type);
    file.add("/** Reads and writes {@link " + itself + "}; made from it. */");
    generator.mark(file);
    file.add(
        access(type)
            + "final class "
            + name
            + " implements "
            + (code.wireName(key ? "KeyCodec" : "Codec") + "<" + itself + "> {"));
    file.add("/** The codec. */");
    file.add(access(type) + "static final " + name + " INSTANCE = new " + name + "();\n");
    switch (shape) {
      case Shape.OfRecord it -> record(code, itself, name, it.fields(), it.mayRefuse(), key);
      case Shape.OfVariants it -> variants(code, itself, name, it.variants(), key);
      case Shape.OfEnum _ -> constants(code, itself, name);
      case Shape.Compiled _ -> throw new AssertionError(shape);
    }
    file.add("}");
    generator.write(Shapes.codecName(type), file, type);
  }

  static String access(TypeElement type) {
    for (Element it = type; it instanceof TypeElement; it = it.getEnclosingElement()) {
      // What is declared inside an interface is public.
      boolean inInterface =
          it.getEnclosingElement() instanceof TypeElement outer && outer.getKind().isInterface();
      if (!it.getModifiers().contains(Modifier.PUBLIC) && !inInterface) {
        return "";
      }
    }
    return "public ";
  }

  /** The members of the codec of a record; also of one that is made for arguments. */
  static void record(
      Code code, String type, String codec, List<Field> fields, boolean mayRefuse, boolean key)
      throws Unsupported {
    SourceFile file = code.file;
    boolean holds = false;
    for (Field field : fields) {
      Wire wire = field.wire();
      if (wire != null && Code.needsField(wire)) {
        file.add(code.declaration(field, wire)).add("");
      }
      holds |= wire instanceof Wire.Composed || wire instanceof Wire.Declared;
    }
    file.add("private " + codec + "() {}\n");
    beginWrite(code, type);
    if (holds) {
      file.add("out.enter();");
    }
    for (Field field : fields) {
      Wire wire = field.wire();
      if (wire != null) {
        file.add(code.write(field, wire, "value." + field.name() + "()"));
      }
    }
    if (holds) {
      file.add("out.leave();");
    }
    file.add("}\n");
    beginRead(code, type);
    if (holds) {
      file.add("in.enter();");
    }
    StringJoiner arguments = new StringJoiner(", ", "new " + type + "(", ")");
    for (Field field : fields) {
      Wire wire = field.wire();
      if (wire != null) {
        file.add(
            file.type(field.type())
                + " "
                + field.variable()
                + " = "
                + code.read(field, wire)
                + ";");
      }
      arguments.add(wire != null ? field.variable() : code.absent(field));
    }
    if (holds) {
      file.add("in.leave();");
    }
    if (mayRefuse) {
      file.add("try {");
      file.add("return " + arguments + ";");
      file.add("} catch (RuntimeException e) {");
      file.add("throw in.refused(" + type + ".class, e);");
      file.add("}");
    } else {
      file.add("return " + arguments + ";");
    }
    file.add("}");
    if (key) {
      compareFields(code, type, fields);
    }
  }

  private static void beginWrite(Code code, String type) {
    code.file.add("@Override");
    code.file.add(
        "public void write("
            + (code.wireName("WireWriter") + " out, " + type + " value) throws ")
            + (code.wireName("WireFormatException") + " {"));
  }

  private static void beginRead(Code code, String type) {
    code.file.add("@Override");
    code.file.add(
        "public "
            + (type + " read(" + code.wireName("WireReader") + " in) throws ")
            + (code.wireName("WireFormatException") + " {"));
  }

  private static void compareFields(Code code, String type, List<Field> fields) {
    SourceFile file = code.file;
    List<Field> carried = fields.stream().filter(it -> it.wire() != null).toList();
    file.add("");
    file.add("@Override");
    file.add("public int compare(" + type + " a, " + type + " b) {");
    for (int i = 0; i < carried.size(); i++) {
      Field field = carried.get(i);
      Wire wire = java.util.Objects.requireNonNull(field.wire());
      String comparison =
          code.compare(field, wire, "a." + field.name() + "()", "b." + field.name() + "()");
      if (i == carried.size() - 1) {
        file.add("return " + comparison + ";");
        break;
      }
      file.add((i == 0 ? "int order = " : "order = ") + comparison + ";");
      file.add("if (order != 0) {").add("return order;").add("}");
    }
    if (carried.isEmpty()) {
      file.add("return 0;");
    }
    file.add("}");
  }

  private void variants(
      Code code, String type, String codec, List<TypeElement> variants, boolean key) {
    SourceFile file = code.file;
    file.add("private " + codec + "() {}\n");
    // A variant that holds something goes one level deeper itself.
    beginWrite(code, type);
    file.add("switch (value) {");
    for (int i = 0; i < variants.size(); i++) {
      TypeElement variant = variants.get(i);
      file.add("case " + file.name(variant) + " v -> {");
      file.add("out.writeVariant(" + i + ");");
      file.add(file.name(Shapes.codecName(variant)) + ".INSTANCE.write(out, v);");
      file.add("}");
    }
    file.add("}");
    file.add("}\n");
    beginRead(code, type);
    file.add("return switch (in.readVariant(" + variants.size() + ")) {");
    for (int i = 0; i < variants.size(); i++) {
      String read = file.name(Shapes.codecName(variants.get(i))) + ".INSTANCE.read(in);";
      // What is not below the last index was refused.
      file.add((i < variants.size() - 1 ? "case " + i : "default") + " -> " + read);
    }
    file.add("};");
    file.add("}");
    if (key) {
      compareVariants(code, type, variants);
    }
  }

  private static void compareVariants(Code code, String type, List<TypeElement> variants) {
    SourceFile file = code.file;
    file.add("");
    file.add("@Override");
    file.add("public int compare(" + type + " a, " + type + " b) {");
    for (TypeElement variant : variants) {
      String name = file.name(variant);
      file.add("if (a instanceof " + name + " left && b instanceof " + name + " right) {");
      file.add(
          "return " + file.name(Shapes.codecName(variant)) + ".INSTANCE.compare(left, right);");
      file.add("}");
    }
    file.add("return Integer.compare(index(a), index(b));");
    file.add("}\n");
    file.add("private static int index(" + type + " value) {");
    file.add("return switch (value) {");
    for (int i = 0; i < variants.size(); i++) {
      file.add("case " + file.name(variants.get(i)) + " _ -> " + i + ";");
    }
    file.add("};");
    file.add("}");
  }

  private static void constants(Code code, String type, String codec) {
    SourceFile file = code.file;
    file.add("private static final " + type + "[] VALUES = " + type + ".values();\n");
    file.add("private " + codec + "() {}\n");
    beginWrite(code, type);
    file.add("out.writeVariant(value.ordinal());");
    file.add("}\n");
    beginRead(code, type);
    file.add("return VALUES[in.readVariant(VALUES.length)];");
    file.add("}\n");
    file.add("@Override");
    file.add("public int compare(" + type + " a, " + type + " b) {");
    file.add("return a.compareTo(b);");
    file.add("}");
  }
}
