package rs.jetstream.rpc.processor;

import java.util.List;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/** How a Java type is carried. */
sealed interface Wire {
  /**
   * A number, a boolean or a text, for which reader and writer have methods.
   *
   * @param suffix the end of those methods' names
   * @param constant the codec in class Codecs
   * @param comparison the static method that orders two of them, or empty
   */
  record Scalar(String suffix, String constant, String comparison) implements Wire {}

  /** A type that class Codecs has a codec for. */
  record Ready(String constant) implements Wire {}

  /** A record, a sealed interface or an enum. */
  record Declared(TypeElement type) implements Wire {}

  /**
   * A type with a codec of the user's.
   *
   * @param namedAt what names the codec, where that is the package or module
   */
  record Custom(TypeElement codec, boolean isKey, @Nullable Element namedAt) implements Wire {}

  /** A type that is made of others, by a method of class Codecs. */
  record Composed(String factory, List<Part> parts) implements Wire {}

  /** One of the others. */
  record Part(TypeMirror type, Wire wire) {}

  /**
   * One value of a record or one argument of a method.
   *
   * @param wire null when it is not on the wire
   * @param absent what it is then
   */
  record Field(Element element, String name, TypeMirror type, @Nullable Wire wire, String absent) {
    /** As a variable, where others are called in, out, value, e and order. */
    String variable() {
      return switch (name) {
        case "in", "out", "value", "e", "order", "a", "b", "v" -> name + "_";
        default -> name;
      };
    }
  }

  /** What a declared type is made of. */
  sealed interface Shape {
    /** A record. */
    record OfRecord(TypeElement type, List<Field> fields, boolean mayRefuse) implements Shape {}

    /** A sealed interface, with its records in order. */
    record OfVariants(TypeElement type, List<TypeElement> variants) implements Shape {}

    /** An enum. */
    record OfEnum(TypeElement type) implements Shape {}

    /** A type that was compiled before, with its codec. */
    record Compiled(TypeElement type, boolean isKey) implements Shape {}
  }
}
