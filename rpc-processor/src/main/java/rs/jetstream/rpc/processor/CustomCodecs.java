package rs.jetstream.rpc.processor;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.AnnotationValue;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;
import org.jspecify.annotations.Nullable;
import rs.jetstream.rpc.processor.Wire.Custom;

/** Finds the codecs of the user's: at a value, or in the registries around it. */
final class CustomCodecs {
  private static final String ONE = Types.WIRE + "WireCodec";
  private static final String SEVERAL = Types.WIRE + "WireCodecs";

  /** What says itself how a value is carried: a registry further out does not change it. */
  private static final Set<String> EXPLICIT = Set.of("U8", "U16", "U32", "U64", "Data", "VecU8");

  private final Elements elements;
  private final javax.lang.model.util.Types types;

  CustomCodecs(Elements elements, javax.lang.model.util.Types types) {
    this.elements = elements;
    this.types = types;
  }

  /**
   * The codec of a value, or null.
   *
   * @param boxed {@code type}, or what a primitive is boxed to
   * @param at what has the value: its registry is the innermost, that of its module the outermost
   */
  @Nullable Custom of(TypeMirror type, TypeMirror boxed, Element at) throws Unsupported {
    for (AnnotationMirror mirror : WireTypes.annotations(type)) {
      if (WireTypes.is(mirror, ONE)) {
        TypeElement codec = codecs(mirror).getFirst();
        DeclaredType of = codecType(codec);
        if (of == null || !types.isSameType(of.getTypeArguments().getFirst(), boxed)) {
          throw new Unsupported(
              at, codec.getSimpleName() + " is no codec of " + WireTypes.plain(type));
        }
        return custom(codec, null, at);
      }
    }
    if (WireTypes.annotated(type, EXPLICIT) != null) {
      return null;
    }
    for (Element around = at; around != null; around = around.getEnclosingElement()) {
      TypeElement codec = registered(boxed, around, at);
      if (codec != null) {
        boolean isType = around instanceof TypeElement;
        return custom(codec, isType ? null : around, at);
      }
    }
    return null;
  }

  /** The codec of {@code type} in what is said at {@code around} itself, or null. */
  private @Nullable TypeElement registered(TypeMirror type, Element around, Element at)
      throws Unsupported {
    TypeElement found = null;
    for (TypeElement codec : registry(around)) {
      DeclaredType of = codecType(codec);
      if (of == null || !types.isSameType(of.getTypeArguments().getFirst(), type)) {
        continue;
      }
      if (found != null) {
        throw new Unsupported(
            at,
            "@WireCodecs names two codecs of "
                + WireTypes.plain(type)
                + (": " + found.getSimpleName() + " and " + codec.getSimpleName()));
      }
      found = codec;
    }
    return found;
  }

  /** The codecs that {@code around} names, itself or by annotations that name some. */
  private static Set<TypeElement> registry(Element around) {
    Set<TypeElement> codecs = new LinkedHashSet<>();
    for (AnnotationMirror mirror : around.getAnnotationMirrors()) {
      if (WireTypes.is(mirror, SEVERAL)) {
        codecs.addAll(codecs(mirror));
        continue;
      }
      for (AnnotationMirror of : mirror.getAnnotationType().asElement().getAnnotationMirrors()) {
        if (WireTypes.is(of, SEVERAL)) {
          codecs.addAll(codecs(of));
        }
      }
    }
    return codecs;
  }

  private Custom custom(TypeElement codec, @Nullable Element namedAt, Element at)
      throws Unsupported {
    boolean constructible =
        !codec.getModifiers().contains(Modifier.ABSTRACT)
            && (codec.getEnclosingElement() instanceof TypeElement
                ? codec.getModifiers().contains(Modifier.STATIC)
                : true)
            && ElementFilter.constructorsIn(codec.getEnclosedElements()).stream()
                .anyMatch(it ->
                    it.getParameters().isEmpty() && !it.getModifiers().contains(Modifier.PRIVATE));
    if (!constructible) {
      throw new Unsupported(
          at,
          codec.getSimpleName() + " needs a constructor without parameters that is not private");
    }
    return new Custom(codec, inherits(codec, Types.WIRE + "KeyCodec"), namedAt);
  }

  private boolean inherits(TypeElement type, String name) {
    TypeElement it = elements.getTypeElement(name);
    return it != null && types.isSubtype(types.erasure(type.asType()), types.erasure(it.asType()));
  }

  /** {@code Codec<T>} as {@code codec} implements it. */
  private @Nullable DeclaredType codecType(TypeElement codec) {
    Set<String> seen = new HashSet<>();
    List<TypeMirror> open = new ArrayList<>(List.of(codec.asType()));
    while (!open.isEmpty()) {
      TypeMirror type = open.removeLast();
      if (!seen.add(type.toString())) {
        continue;
      }
      if (type instanceof DeclaredType declared
          && WireTypes.qualified(type).equals(Types.WIRE + "Codec")
          && declared.getTypeArguments().size() == 1) {
        return declared;
      }
      open.addAll(types.directSupertypes(type));
    }
    return null;
  }

  private static List<TypeElement> codecs(AnnotationMirror mirror) {
    List<TypeElement> codecs = new ArrayList<>();
    for (Map.Entry<? extends ExecutableElement, ? extends AnnotationValue> entry :
        mirror.getElementValues().entrySet()) {
      Object value = entry.getValue().getValue();
      List<?> values = value instanceof List<?> list ? list : List.of(entry.getValue());
      for (Object one : values) {
        if (((AnnotationValue) one).getValue() instanceof DeclaredType type
            && type.getKind() != TypeKind.ERROR) {
          codecs.add((TypeElement) type.asElement());
        } else {
          throw new NotYet();
        }
      }
    }
    return codecs;
  }
}
