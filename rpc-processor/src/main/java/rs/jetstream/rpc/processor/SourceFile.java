package rs.jetstream.rpc.processor;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.lang.model.element.Element;
import javax.lang.model.element.PackageElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;

/** A source file with its imports. */
final class SourceFile {
  private final String packageName;
  private final StringBuilder body = new StringBuilder();

  /** Simple names that are taken, with what they stand for. */
  private final Map<String, String> names = new LinkedHashMap<>();

  /** What the file would not be, or would be otherwise, without. */
  private final Set<Element> origins = new LinkedHashSet<>();

  private int indent;

  /** Begins a file, made from {@code type}; {@code name} is the type that it declares. */
  SourceFile(String packageName, String name, TypeElement type) {
    this.packageName = packageName;
    origins.add(type);
    names.put(name, qualified(packageName, name));
    // Used without an import everywhere.
    for (String known : new String[] {"Override", "String", "RuntimeException", "AssertionError"}) {
      names.put(known, "java.lang." + known);
    }
  }

  /** Keeps the name of a type that is declared inside this one from being given to another. */
  void reserve(String nestedName) {
    names.put(nestedName, "");
  }

  /**
   * Says that the file is also made from {@code element}: incremental builds of Gradle, which
   * follow files of one origin alone, build all anew then.
   */
  void comesFrom(Element element) {
    origins.add(element);
  }

  Element[] origins() {
    return origins.toArray(Element[]::new);
  }

  static String qualified(String packageName, String name) {
    return packageName.isEmpty() ? name : packageName + "." + name;
  }

  /** How a top-level type is called here; imported when its name is free. */
  String name(String qualifiedName) {
    int dot = qualifiedName.lastIndexOf('.');
    String simple = qualifiedName.substring(dot + 1);
    String taken = names.putIfAbsent(simple, qualifiedName);
    return taken == null || taken.equals(qualifiedName) ? simple : qualifiedName;
  }

  /** How a type is called here, through the types around it. */
  String name(TypeElement type) {
    Element around = type.getEnclosingElement();
    return around instanceof TypeElement outer
        ? name(outer) + "." + type.getSimpleName()
        : name(type.getQualifiedName().toString());
  }

  /** How a type is written here, without its annotations. */
  String type(TypeMirror type) {
    if (type instanceof DeclaredType declared) {
      String name = name((TypeElement) declared.asElement());
      if (declared.getTypeArguments().isEmpty()) {
        return name;
      }
      StringBuilder out = new StringBuilder(name).append('<');
      String comma = "";
      for (TypeMirror argument : declared.getTypeArguments()) {
        out.append(comma).append(type(argument));
        comma = ", ";
      }
      return out.append('>').toString();
    }
    if (type instanceof ArrayType array) {
      return type(array.getComponentType()) + "[]";
    }
    return primitive(type.getKind());
  }

  private static String primitive(TypeKind kind) {
    return switch (kind) {
      case BOOLEAN -> "boolean";
      case SHORT -> "short";
      case INT -> "int";
      case LONG -> "long";
      case FLOAT -> "float";
      case DOUBLE -> "double";
      case BYTE -> "byte";
      case VOID -> "void";
      default -> throw new AssertionError(kind);
    };
  }

  /** Adds lines; one that ends with an opening brace indents those after it. */
  SourceFile add(String lines) {
    for (String line : lines.split("\n", -1)) {
      if (line.startsWith("}")) {
        indent--;
      }
      if (!line.isEmpty()) {
        body.append("  ".repeat(indent)).append(line);
      }
      body.append('\n');
      if (line.endsWith("{")) {
        indent++;
      }
    }
    return this;
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    if (!packageName.isEmpty()) {
      out.append("package ").append(packageName).append(";\n\n");
    }
    TreeSet<String> imports = new TreeSet<>();
    for (String name : names.values()) {
      int dot = name.lastIndexOf('.');
      String itsPackage = dot < 0 ? "" : name.substring(0, dot);
      if (dot > 0 && !itsPackage.equals(packageName) && !itsPackage.equals("java.lang")) {
        imports.add(name);
      }
    }
    imports.forEach(name -> out.append("import ").append(name).append(";\n"));
    return out.append(imports.isEmpty() ? "" : "\n").append(body).toString();
  }

  /** The names of the types around {@code type} and its own, joined: part of a generated name. */
  static String flatName(TypeElement type) {
    return type.getEnclosingElement() instanceof TypeElement outer
        ? flatName(outer) + "_" + type.getSimpleName()
        : type.getSimpleName().toString();
  }

  static String packageOf(Element element) {
    Element around = element.getEnclosingElement();
    return element instanceof PackageElement it
        ? it.getQualifiedName().toString()
        : around == null ? "" : packageOf(around);
  }

  /** {@code CONSTANT_CASE} of {@code camelCase}. */
  static String constant(String camelCase) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < camelCase.length(); i++) {
      char c = camelCase.charAt(i);
      if (i > 0 && Character.isUpperCase(c) && !Character.isUpperCase(camelCase.charAt(i - 1))) {
        out.append('_');
      }
      out.append(Character.toUpperCase(c));
    }
    return out.toString();
  }

  /** With a capital first letter. */
  static String capitalized(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }
}
