package rs.jetstream.rpc.processor;

import java.util.StringJoiner;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;
import rs.jetstream.rpc.processor.Wire.Field;

/** Expressions and statements for values, in one source file. */
final class Code {
  final SourceFile file;
  private final Shapes shapes;
  private final WireTypes wires;

  /** The type whose codec this is, or null in a file of a service. */
  private final @Nullable TypeElement current;

  Code(SourceFile file, Shapes shapes, WireTypes wires, @Nullable TypeElement current) {
    this.file = file;
    this.shapes = shapes;
    this.wires = wires;
    this.current = current;
  }

  String wireName(String simpleName) {
    return file.name(Types.WIRE + simpleName);
  }

  /** The type as the argument of another. */
  String boxed(TypeMirror type) {
    return file.type(wires.boxed(type));
  }

  /** An expression for the codec, that may initialize a static field. */
  String codec(TypeMirror type, Wire wire) throws Unsupported {
    return switch (wire) {
      case Wire.Scalar scalar -> wireName("Codecs") + "." + scalar.constant();
      case Wire.Ready ready -> wireName("Codecs") + "." + ready.constant();
      case Wire.Custom custom -> {
        if (custom.namedAt() != null) {
          file.comesFrom(custom.namedAt());
        }
        yield wireName("Codecs") + ".guarded(new " + file.name(custom.codec()) + "())";
      }
      case Wire.Declared declared -> {
        String instance = instance(declared.type());
        // Classes that initialize each other may deadlock.
        yield current != null && shapes.reaches(declared.type(), current)
            ? wireName("Codecs") + ".<" + file.type(type) + ">deferred(() -> " + instance + ")"
            : instance;
      }
      case Wire.Composed composed -> {
        StringJoiner parts =
            new StringJoiner(", ", wireName("Codecs") + "." + composed.factory() + "(", ")");
        for (Wire.Part part : composed.parts()) {
          parts.add(codec(part.type(), part.wire()));
        }
        yield parts.toString();
      }
    };
  }

  private String instance(TypeElement type) {
    return file.name(Shapes.codecName(type)) + ".INSTANCE";
  }

  /** Whether the codec is kept in a static field of its own. */
  static boolean needsField(Wire wire) {
    return wire instanceof Wire.Composed || wire instanceof Wire.Custom;
  }

  static String fieldName(Field field) {
    return SourceFile.constant(field.name()) + "_CODEC";
  }

  /** The declaration of that static field. */
  String declaration(Field field, Wire wire) throws Unsupported {
    String kind = shapes.isKey(wire) && !isDeferred(wire) ? "KeyCodec" : "Codec";
    return "private static final "
        + wireName(kind)
        + ("<" + boxed(field.type()) + "> " + fieldName(field))
        + (" =\n    " + codec(field.type(), wire) + ";");
  }

  private boolean isDeferred(Wire wire) throws Unsupported {
    return codecTextOf(wire).contains(">deferred(");
  }

  private String codecTextOf(Wire wire) throws Unsupported {
    return wire instanceof Wire.Composed composed && composed.parts().size() == 1
        ? codec(composed.parts().getFirst().type(), composed.parts().getFirst().wire())
        : "";
  }

  private String reference(Field field, Wire wire) {
    return switch (wire) {
      case Wire.Ready ready -> wireName("Codecs") + "." + ready.constant();
      case Wire.Declared declared -> instance(declared.type());
      default -> fieldName(field);
    };
  }

  /** A statement that writes {@code value}. */
  String write(Field field, Wire wire, String value) {
    return wire instanceof Wire.Scalar scalar
        ? "out.write" + scalar.suffix() + "(" + value + ");"
        : reference(field, wire) + ".write(out, " + value + ");";
  }

  /** An expression that reads a value. */
  String read(Field field, Wire wire) {
    return wire instanceof Wire.Scalar scalar
        ? "in.read" + scalar.suffix() + "()"
        : reference(field, wire) + ".read(in)";
  }

  /** An expression that orders two values. */
  String compare(Field field, Wire wire, String a, String b) {
    if (wire instanceof Wire.Scalar scalar) {
      String method = scalar.comparison();
      if (method.startsWith("Codecs.")) {
        wireName("Codecs");
      }
      return method + "(" + a + ", " + b + ")";
    }
    return reference(field, wire) + ".compare(" + a + ", " + b + ")";
  }

  /** What a field that is not on the wire is when read. */
  String absent(Field field) {
    String text = field.absent();
    int dot = text.indexOf('.');
    return dot > 0 ? file.name("java.util." + text.substring(0, dot)) + text.substring(dot) : text;
  }
}
