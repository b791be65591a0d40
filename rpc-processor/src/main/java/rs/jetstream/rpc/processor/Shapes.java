package rs.jetstream.rpc.processor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.RecordComponentElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;
import rs.jetstream.rpc.processor.Wire.Field;
import rs.jetstream.rpc.processor.Wire.Shape;

/** What declared types are made of, and which of them hold each other. */
final class Shapes {
  private static final int MAX_VARIANTS = 256;

  private final Elements elements;
  private final javax.lang.model.util.Types types;
  private final WireTypes wires;

  /** Qualified names of all types with a source in this compilation. */
  private final Set<String> sources;

  private final Map<String, Shape> shapes = new HashMap<>();
  private final Map<String, Boolean> keys = new HashMap<>();

  Shapes(
      Elements elements, javax.lang.model.util.Types types, WireTypes wires, Set<String> sources) {
    this.elements = elements;
    this.types = types;
    this.wires = wires;
    this.sources = sources;
  }

  static String codecName(TypeElement type) {
    return SourceFile.qualified(SourceFile.packageOf(type), SourceFile.flatName(type) + "Codec");
  }

  Shape of(TypeElement type) throws Unsupported {
    String name = type.getQualifiedName().toString();
    Shape known = shapes.get(name);
    if (known == null) {
      known = find(type);
      shapes.put(name, known);
    }
    return known;
  }

  private Shape find(TypeElement type) throws Unsupported {
    if (!sources.contains(outermost(type).getQualifiedName().toString())) {
      TypeElement codec = elements.getTypeElement(codecName(type));
      if (codec == null) {
        throw new Unsupported(
            type,
            type.getSimpleName()
                + " was compiled without a codec: annotate it with @WireType there");
      }
      TypeElement key = elements.getTypeElement(Types.WIRE + "KeyCodec");
      return new Shape.Compiled(
          type,
          key != null
              && types.isSubtype(types.erasure(codec.asType()), types.erasure(key.asType())));
    }
    for (Element it = type; it instanceof TypeElement; it = it.getEnclosingElement()) {
      if (it.getModifiers().contains(Modifier.PRIVATE)) {
        throw new Unsupported(type, it.getSimpleName() + " is private: its codec cannot see it");
      }
    }
    return switch (type.getKind()) {
      case RECORD -> ofRecord(type);
      case ENUM -> ofEnum(type);
      default -> ofVariants(type);
    };
  }

  private static TypeElement outermost(TypeElement type) {
    return type.getEnclosingElement() instanceof TypeElement outer ? outermost(outer) : type;
  }

  private Shape ofEnum(TypeElement type) throws Unsupported {
    long constants =
        type.getEnclosedElements().stream()
            .filter(it -> it.getKind() == ElementKind.ENUM_CONSTANT)
            .count();
    if (constants == 0 || constants > MAX_VARIANTS) {
      throw new Unsupported(type, "an enum on the wire has 1 to " + MAX_VARIANTS + " constants");
    }
    return new Shape.OfEnum(type);
  }

  private Shape ofVariants(TypeElement type) throws Unsupported {
    List<TypeElement> variants = new ArrayList<>();
    for (TypeMirror permitted : type.getPermittedSubclasses()) {
      if (permitted.getKind() == TypeKind.ERROR) {
        throw new NotYet();
      }
      TypeElement variant = (TypeElement) ((DeclaredType) permitted).asElement();
      if (variant.getKind() != ElementKind.RECORD) {
        throw new Unsupported(
            variant, "a variant of " + type.getSimpleName() + " must be a record to be carried");
      }
      if (!variant.getTypeParameters().isEmpty()) {
        throw new Unsupported(
            variant, variant.getSimpleName() + " has type parameters: make it one without them");
      }
      variants.add(variant);
    }
    if (variants.isEmpty() || variants.size() > MAX_VARIANTS) {
      throw new Unsupported(
          type, "a sealed interface on the wire has 1 to " + MAX_VARIANTS + " records");
    }
    return new Shape.OfVariants(type, variants);
  }

  private Shape ofRecord(TypeElement type) throws Unsupported {
    List<Field> fields = new ArrayList<>();
    for (RecordComponentElement component : type.getRecordComponents()) {
      String name = component.getSimpleName().toString();
      if (WireTypes.has(component, Types.WIRE + "Skip")) {
        fields.add(new Field(component, name, component.asType(), null, absent(component)));
      } else {
        fields.add(
            new Field(
                component, name, component.asType(), wires.of(component.asType(), component), ""));
      }
    }
    // One that the compiler made only assigns.
    boolean explicit =
        ElementFilter.constructorsIn(type.getEnclosedElements()).stream()
            .anyMatch(it -> elements.getOrigin(it) == Elements.Origin.EXPLICIT);
    Shape shape = new Shape.OfRecord(type, fields, explicit);
    shapes.put(type.getQualifiedName().toString(), shape);
    if (holdsItself(type)) {
      throw new Unsupported(
          type, type.getSimpleName() + " holds itself without end: take Optional or List");
    }
    return shape;
  }

  private static String absent(RecordComponentElement component) throws Unsupported {
    TypeMirror type = component.asType();
    if (type.getKind().isPrimitive()) {
      return type.getKind() == TypeKind.BOOLEAN ? "false" : "0";
    }
    if (WireTypes.isNullable(type)) {
      return "null";
    }
    return switch (WireTypes.qualified(type)) {
      case "java.lang.String" -> "\"\"";
      case "java.util.Optional" -> "Optional.empty()";
      case "java.util.List" -> "List.of()";
      case "java.util.Set" -> "Set.of()";
      case "java.util.Map" -> "Map.of()";
      default ->
          throw new Unsupported(
              component, "there is no default for what is skipped: make it @Nullable");
    };
  }

  /** Whether a value of the record must hold another value of it. */
  private boolean holdsItself(TypeElement type) throws Unsupported {
    Set<String> seen = new HashSet<>();
    List<TypeElement> open = new ArrayList<>(List.of(type));
    while (!open.isEmpty()) {
      TypeElement it = open.removeLast();
      if (!(of(it) instanceof Shape.OfRecord shape)) {
        continue;
      }
      for (Field field : shape.fields()) {
        if (field.wire() instanceof Wire.Declared inner) {
          if (inner.type().equals(type)) {
            return true;
          }
          if (seen.add(inner.type().getQualifiedName().toString())) {
            open.add(inner.type());
          }
        }
      }
    }
    return false;
  }

  /** Whether values have an order. */
  boolean isKey(Wire wire) throws Unsupported {
    return switch (wire) {
      case Wire.Scalar scalar -> !scalar.comparison().isEmpty();
      case Wire.Ready _ -> true;
      case Wire.Custom custom -> custom.isKey();
      case Wire.Declared declared -> isKey(declared.type());
      case Wire.Composed composed ->
          switch (composed.factory()) {
            case "list", "optional" -> isKey(composed.parts().getFirst().wire());
            default -> false;
          };
    };
  }

  private boolean isKey(TypeElement type) throws Unsupported {
    String name = type.getQualifiedName().toString();
    Boolean known = keys.get(name);
    if (known != null) {
      return known;
    }
    keys.put(name, false); // one that holds itself has none
    boolean key = true;
    switch (of(type)) {
      case Shape.Compiled compiled -> key = compiled.isKey();
      case Shape.OfEnum _ -> {}
      case Shape.OfRecord shape -> {
        for (Field field : shape.fields()) {
          Wire wire = field.wire();
          key &= wire == null || isKey(wire);
        }
      }
      case Shape.OfVariants shape -> {
        for (TypeElement variant : shape.variants()) {
          key &= isKey(variant);
        }
      }
    }
    keys.put(name, key);
    return key;
  }

  /** Checks that keys and members have an order, all the way down. */
  void checkKeys(Wire wire, Element at) throws Unsupported {
    if (wire instanceof Wire.Composed composed) {
      boolean keyed = !Set.of("list", "optional", "nullable").contains(composed.factory());
      if (keyed && !isKey(composed.parts().getFirst().wire())) {
        throw new Unsupported(
            at,
            composed.parts().getFirst().type()
                + " has no order on the wire: it is no key of a map and no member of a set");
      }
      for (Wire.Part part : composed.parts()) {
        checkKeys(part.wire(), at);
      }
    }
  }

  /** The declared types that {@code wire} names. */
  static void collect(Wire wire, Set<TypeElement> into) {
    switch (wire) {
      case Wire.Declared declared -> into.add(declared.type());
      case Wire.Composed composed -> composed.parts().forEach(it -> collect(it.wire(), into));
      default -> {}
    }
  }

  /** The declared types that a value of {@code type} may hold next. */
  Set<TypeElement> held(TypeElement type) throws Unsupported {
    Set<TypeElement> held = new LinkedHashSet<>();
    switch (of(type)) {
      case Shape.OfRecord shape -> {
        for (Field field : shape.fields()) {
          Wire wire = field.wire();
          if (wire != null) {
            collect(wire, held);
          }
        }
      }
      case Shape.OfVariants shape -> held.addAll(shape.variants());
      default -> {}
    }
    return held;
  }

  /** Whether a value of {@code from} may hold one of {@code to}, at whatever depth. */
  boolean reaches(TypeElement from, TypeElement to) throws Unsupported {
    Set<TypeElement> seen = new HashSet<>(Set.of(from));
    List<TypeElement> open = new ArrayList<>(List.of(from));
    while (!open.isEmpty()) {
      TypeElement it = open.removeLast();
      if (it.equals(to)) {
        return true;
      }
      for (TypeElement next : held(it)) {
        if (seen.add(next)) {
          open.add(next);
        }
      }
    }
    return false;
  }
}
