package rs.jetstream.cli.rust;

import java.util.List;
import java.util.Set;

/**
 * A type of Java, as the annotation processor of the services carries it.
 *
 * @param name in full, or that of a type which is imported
 * @param primitive what stands for it where a primitive may, or empty
 * @param annotation what says how it is carried, a name in full or empty
 * @param codec the class that {@code @WireCodec} names, or empty
 * @param isKey whether values have an order; of an imported type that is found out later
 * @param isImported whether it is declared by a source
 */
record JavaType(
    String name,
    String primitive,
    String annotation,
    String codec,
    List<JavaType> arguments,
    boolean isKey,
    boolean isImported) {
  static final String WIRE = "rs.jetstream.wire.";

  static JavaType of(String name) {
    return new JavaType(name, "", "", "", List.of(), true, false);
  }

  static JavaType primitive(String name, String primitive) {
    return new JavaType("java.lang." + name, primitive, "", "", List.of(), true, false);
  }

  static JavaType imported(String name) {
    return new JavaType(name, "", "", "", List.of(), true, true);
  }

  JavaType annotated(String simpleName) {
    return new JavaType(name, primitive, WIRE + simpleName, codec, arguments, isKey, isImported);
  }

  JavaType withCodec(String codecName) {
    return new JavaType(
        name, primitive, WIRE + "WireCodec", codecName, arguments, isKey, isImported);
  }

  JavaType withoutOrder() {
    return new JavaType(name, primitive, annotation, codec, arguments, false, isImported);
  }

  JavaType with(List<JavaType> ofWhat) {
    return new JavaType(name, primitive, annotation, codec, ofWhat, isKey, isImported);
  }

  /** Whether it writes its members in their order, so that they must have one. */
  boolean isKeyed() {
    return switch (name) {
      case "java.util.Set", "java.util.SortedSet", "java.util.Map", "java.util.SortedMap" -> true;
      default -> false;
    };
  }

  void addCodecs(Set<String> codecs) {
    if (!codec.isEmpty()) {
      codecs.add(codec);
    }
    arguments.forEach(it -> it.addCodecs(codecs));
  }
}
