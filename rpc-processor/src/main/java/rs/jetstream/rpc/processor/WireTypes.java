package rs.jetstream.rpc.processor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Elements;
import org.jspecify.annotations.Nullable;
import rs.jetstream.rpc.processor.Wire.Composed;
import rs.jetstream.rpc.processor.Wire.Custom;
import rs.jetstream.rpc.processor.Wire.Declared;
import rs.jetstream.rpc.processor.Wire.Part;
import rs.jetstream.rpc.processor.Wire.Ready;
import rs.jetstream.rpc.processor.Wire.Scalar;

/** Finds out how Java types are carried, or why they are not. */
final class WireTypes {
  private static final Scalar BOOL = new Scalar("Bool", "BOOL", "Boolean.compare");
  private static final Scalar STRING = new Scalar("String", "STRING", "Codecs.STRING.compare");
  private static final Map<TypeKind, Scalar> NUMBERS =
      Map.of(
          TypeKind.BOOLEAN, BOOL,
          TypeKind.SHORT, new Scalar("I16", "I16", "Short.compare"),
          TypeKind.INT, new Scalar("I32", "I32", "Integer.compare"),
          TypeKind.LONG, new Scalar("I64", "I64", "Long.compare"),
          TypeKind.FLOAT, new Scalar("F32", "F32", ""),
          TypeKind.DOUBLE, new Scalar("F64", "F64", ""));
  private static final Map<String, Scalar> UNSIGNED =
      Map.of(
          "U8", new Scalar("U8", "U8", "Integer.compare"),
          "U16", new Scalar("U16", "U16", "Integer.compare"),
          "U32", new Scalar("U32", "U32", "Long.compare"),
          "U64", new Scalar("U64", "U64", "Long.compareUnsigned"));

  private final javax.lang.model.util.Types types;
  private final CustomCodecs customCodecs;

  WireTypes(Elements elements, javax.lang.model.util.Types types) {
    this.types = types;
    customCodecs = new CustomCodecs(elements, types);
  }

  /**
   * How {@code type} is carried.
   *
   * @param at what an error points at
   */
  Wire of(TypeMirror type, Element at) throws Unsupported {
    if (type.getKind() == TypeKind.ERROR) {
      throw new NotYet();
    }
    if (isNullable(type)) {
      if (type.getKind().isPrimitive()) {
        throw new Unsupported(at, "a primitive cannot be null");
      }
      return new Composed("nullable", List.of(new Part(type, present(type, at))));
    }
    return present(type, at);
  }

  private Wire present(TypeMirror type, Element at) throws Unsupported {
    Custom custom = customCodecs.of(type, boxed(type), at);
    if (custom != null) {
      return custom;
    }
    TypeKind number = number(type);
    String unsigned = annotated(type, UNSIGNED.keySet());
    if (unsigned != null && !(type instanceof ArrayType)) {
      TypeKind needed =
          unsigned.equals("U8") || unsigned.equals("U16") ? TypeKind.INT : TypeKind.LONG;
      if (number != needed) {
        throw new Unsupported(
            at, "@" + unsigned + " goes with " + (needed == TypeKind.INT ? "int" : "long"));
      }
      return Objects.requireNonNull(UNSIGNED.get(unsigned));
    }
    if (number != null) {
      Scalar scalar = NUMBERS.get(number);
      if (scalar == null) {
        throw new Unsupported(
            at,
            number == TypeKind.BYTE
                ? "the wire has no i8: take @U8 int, or short"
                : "the wire has no char: take String, or @U32 long for a code point");
      }
      return noBytes(type, at, scalar);
    }
    Wire bytes = bytes(type, at);
    if (bytes != null) {
      return bytes;
    }
    if (type instanceof DeclaredType declared) {
      return noBytes(type, at, declared(declared, at));
    }
    throw new Unsupported(
        at,
        switch (type.getKind()) {
          case TYPEVAR -> "a type parameter says no type to carry";
          case WILDCARD -> "a wildcard says no type to carry";
          case VOID -> "void is no value";
          default -> "the wire cannot carry " + type;
        });
  }

  private static Wire noBytes(TypeMirror type, Element at, Wire wire) throws Unsupported {
    String misplaced = annotated(type, Set.of("Data", "VecU8"));
    if (misplaced != null) {
      throw new Unsupported(at, "@" + misplaced + " goes with byte[], ByteBuffer or MemorySegment");
    }
    return wire;
  }

  /** The kind of a primitive or of what a box holds, or null. */
  private @Nullable TypeKind number(TypeMirror type) {
    if (type.getKind().isPrimitive()) {
      return type.getKind();
    }
    try {
      return types.unboxedType(type).getKind();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private @Nullable Wire bytes(TypeMirror type, Element at) throws Unsupported {
    String ending;
    if (type instanceof ArrayType array) {
      if (array.getComponentType().getKind() != TypeKind.BYTE) {
        throw new Unsupported(
            at, "the wire has no arrays: take List, or byte[] with @Data or @VecU8");
      }
      ending = "_ARRAY";
    } else {
      switch (qualified(type)) {
        case "java.nio.ByteBuffer" -> ending = "_BUFFER";
        case "java.lang.foreign.MemorySegment" -> ending = "";
        default -> {
          return null;
        }
      }
    }
    boolean data = annotated(type, Set.of("Data")) != null;
    boolean vec = annotated(type, Set.of("VecU8")) != null;
    if (data == vec) {
      throw new Unsupported(
          at,
          "say how the bytes are carried: with @Data, up to 32 MiB, or with @VecU8, up to 65,535");
    }
    return new Ready((data ? "DATA" : "BYTES") + ending);
  }

  private Wire declared(DeclaredType type, Element at) throws Unsupported {
    String name = qualified(type);
    if (name.equals("java.lang.String")) {
      return STRING;
    }
    String ready = Types.READY.get(name);
    if (ready != null) {
      return new Ready(ready);
    }
    TypeElement element = (TypeElement) type.asElement();
    if (type.getTypeArguments().isEmpty() && !element.getTypeParameters().isEmpty()) {
      throw new Unsupported(at, element.getSimpleName() + " is raw: name its type arguments");
    }
    String factory = Types.COMPOSED.get(name);
    if (factory != null) {
      return composed(factory, type, at);
    }
    boolean carried =
        element.getKind() == ElementKind.RECORD
            || element.getKind() == ElementKind.ENUM
            || (element.getKind() == ElementKind.INTERFACE
                && element.getModifiers().contains(Modifier.SEALED));
    if (!carried) {
      throw new Unsupported(
          at,
          "the wire cannot carry "
              + element.getSimpleName()
              + ", which is no record, enum or sealed interface of records: "
              + Types.advice(name));
    }
    if (!element.getTypeParameters().isEmpty()) {
      throw new Unsupported(
          at, element.getSimpleName() + " has type parameters: make a record without them");
    }
    return new Declared(element);
  }

  private Wire composed(String factory, DeclaredType type, Element at) throws Unsupported {
    List<Part> parts = new ArrayList<>();
    for (TypeMirror argument : type.getTypeArguments()) {
      Wire wire = of(argument, at);
      if (wire instanceof Composed inner && inner.factory().equals("nullable")) {
        throw new Unsupported(at, "elements are never null: take Optional");
      }
      parts.add(new Part(argument, wire));
    }
    return new Composed(factory, parts);
  }

  TypeMirror boxed(TypeMirror type) {
    return type.getKind().isPrimitive()
        ? types.boxedClass(types.getPrimitiveType(type.getKind())).asType()
        : type;
  }

  static boolean isNullable(TypeMirror type) {
    return annotations(type).stream()
        .anyMatch(mirror ->
            mirror.getAnnotationType().asElement().getSimpleName().contentEquals("Nullable"));
  }

  /** The annotations of a type; those before an array belong to its elements, says the language. */
  static List<AnnotationMirror> annotations(TypeMirror type) {
    List<AnnotationMirror> all = new ArrayList<>(type.getAnnotationMirrors());
    if (type instanceof ArrayType array) {
      all.addAll(array.getComponentType().getAnnotationMirrors());
    }
    return all;
  }

  static @Nullable String annotated(TypeMirror type, Set<String> names) {
    for (AnnotationMirror mirror : annotations(type)) {
      for (String name : names) {
        if (is(mirror, Types.WIRE + name)) {
          return name;
        }
      }
    }
    return null;
  }

  static boolean is(AnnotationMirror mirror, String name) {
    return ((TypeElement) mirror.getAnnotationType().asElement())
        .getQualifiedName()
        .contentEquals(name);
  }

  static boolean has(Element element, String annotation) {
    return element.getAnnotationMirrors().stream().anyMatch(mirror -> is(mirror, annotation));
  }

  static String qualified(TypeMirror type) {
    return type instanceof DeclaredType declared
        ? ((TypeElement) declared.asElement()).getQualifiedName().toString()
        : "";
  }

  static String plain(TypeMirror type) {
    return type instanceof DeclaredType declared
        ? declared.asElement().getSimpleName().toString()
        : type.getKind().toString().toLowerCase(java.util.Locale.ROOT);
  }
}
