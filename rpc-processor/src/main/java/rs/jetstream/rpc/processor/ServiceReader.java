package rs.jetstream.rpc.processor;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.AnnotationValue;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;
import org.jspecify.annotations.Nullable;
import rs.jetstream.rpc.processor.ServiceModel.Method;
import rs.jetstream.rpc.processor.ServiceModel.Parameter;
import rs.jetstream.rpc.processor.ServiceModel.Result;
import rs.jetstream.rpc.processor.ServiceModel.Style;
import rs.jetstream.rpc.processor.Wire.Field;

/** Reads an interface as a service, and says what is wrong with it. */
final class ServiceReader {
  private static final int FIRST_ID = 102;
  private static final int LAST_ID = 254;
  private static final int MAX_METHODS = 77;
  private static final Pattern VERSION =
      Pattern.compile(
          "rs\\.jetstream\\.proto/[^/]+/(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)"
              + "(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?(\\+[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?");

  /** The language does not let components of records have these names. */
  private static final Set<String> NO_COMPONENT =
      Set.of(
          "clone", "finalize", "getClass", "hashCode", "notify", "notifyAll", "toString", "wait");

  private final Elements elements;
  private final javax.lang.model.util.Types types;
  private final WireTypes wires;
  private final Shapes shapes;

  ServiceReader(
      Elements elements, javax.lang.model.util.Types types, WireTypes wires, Shapes shapes) {
    this.elements = elements;
    this.types = types;
    this.wires = wires;
    this.shapes = shapes;
  }

  ServiceModel read(TypeElement type) throws Unsupported {
    if (type.getKind() != ElementKind.INTERFACE) {
      throw new Unsupported(type, "a service is an interface");
    }
    if (!type.getTypeParameters().isEmpty()) {
      throw new Unsupported(type, "a service has no type parameters");
    }
    if (!type.getInterfaces().isEmpty()) {
      throw new Unsupported(
          type, "a service extends no interface: the order of its methods would be unclear");
    }
    for (Element it = type; it instanceof TypeElement; it = it.getEnclosingElement()) {
      if (it.getModifiers().contains(Modifier.PRIVATE)) {
        throw new Unsupported(type, it.getSimpleName() + " is private: its client cannot see it");
      }
    }
    List<ExecutableElement> declared =
        ElementFilter.methodsIn(type.getEnclosedElements()).stream()
            .filter(it -> it.getModifiers().contains(Modifier.ABSTRACT))
            .toList();
    if (declared.isEmpty()) {
      throw new Unsupported(type, "a service has at least one method");
    }
    if (declared.size() > MAX_METHODS) {
      throw new Unsupported(
          declared.get(MAX_METHODS), "a service has at most " + MAX_METHODS + " methods");
    }
    List<Method> methods = new ArrayList<>();
    Set<Integer> ids = new HashSet<>();
    Set<String> names = new HashSet<>();
    boolean explicit = id(declared.getFirst()) != null;
    for (int i = 0; i < declared.size(); i++) {
      ExecutableElement element = declared.get(i);
      Integer given = id(element);
      if ((given != null) != explicit) {
        throw new Unsupported(element, "@MethodId is on all methods of a service or on none");
      }
      int id = given == null ? FIRST_ID + 2 * i : given;
      if (id < FIRST_ID || id > LAST_ID || id % 2 != 0) {
        throw new Unsupported(
            element, "a method's id is even and from " + FIRST_ID + " to " + LAST_ID);
      }
      if (!ids.add(id)) {
        throw new Unsupported(element, "another method has the id " + id);
      }
      Method method = method(element, id);
      if (!names.add(method.constant())) {
        throw new Unsupported(element, "another method has this name, or one that differs in case");
      }
      methods.add(method);
    }
    return new ServiceModel(type, version(type), methods);
  }

  private static String version(TypeElement type) throws Unsupported {
    String version = String.valueOf(value(type, Types.RPC + "JetStreamService"));
    if (!VERSION.matcher(version).matches()) {
      throw new Unsupported(
          type, "a version is rs.jetstream.proto/<name>/<major>.<minor>.<patch>[+<digest>]");
    }
    return version;
  }

  private static @Nullable Integer id(ExecutableElement method) {
    return (Integer) value(method, Types.RPC + "MethodId");
  }

  /** The value of the only member of an annotation, or null. */
  private static @Nullable Object value(Element element, String annotation) {
    for (AnnotationMirror mirror : element.getAnnotationMirrors()) {
      if (WireTypes.is(mirror, annotation)) {
        for (Map.Entry<? extends ExecutableElement, ? extends AnnotationValue> entry :
            mirror.getElementValues().entrySet()) {
          return entry.getValue().getValue();
        }
      }
    }
    return null;
  }

  private Method method(ExecutableElement element, int id) throws Unsupported {
    if (!element.getTypeParameters().isEmpty()) {
      throw new Unsupported(element, "a method of a service has no type parameters");
    }
    if (element.isVarArgs()) {
      throw new Unsupported(element, "a method of a service takes a List, not variable arguments");
    }
    List<Field> arguments = new ArrayList<>();
    List<Parameter> parameters = new ArrayList<>();
    for (VariableElement parameter : element.getParameters()) {
      TypeMirror type = parameter.asType();
      String name = parameter.getSimpleName().toString();
      boolean isContext = WireTypes.qualified(type).equals(Types.RPC + "RpcContext");
      if (isContext && parameters.stream().anyMatch(Parameter::isContext)) {
        throw new Unsupported(parameter, "a method has one RpcContext");
      }
      if (NO_COMPONENT.contains(name)) {
        throw new Unsupported(parameter, "a parameter cannot have the name of a method of Object");
      }
      if (!isContext) {
        Wire wire = wires.of(type, parameter);
        shapes.checkKeys(wire, parameter);
        arguments.add(new Field(parameter, name, type, wire, ""));
      }
      parameters.add(new Parameter(name, type, isContext));
    }
    TypeMirror returned = element.getReturnType();
    Style style = style(returned);
    List<? extends TypeMirror> inside =
        style == Style.BLOCKING ? List.of(returned) : ((DeclaredType) returned).getTypeArguments();
    if (inside.isEmpty()) {
      throw new Unsupported(element, returned + " is raw: name its type arguments");
    }
    checkThrown(element, style);
    boolean nonBlocking = WireTypes.has(element, Types.RPC + "NonBlocking");
    if (nonBlocking && style != Style.BLOCKING) {
      throw new Unsupported(element, "@NonBlocking is for methods that return their result");
    }
    Result result = result(inside.getFirst(), element);
    Result nothing = new Result(unit(), new Wire.Ready("UNIT"), true, false);
    Result end = style == Style.SUBSCRIPTION ? result(inside.getLast(), element) : nothing;
    if ((style == Style.PUBLISHER || style == Style.SUBSCRIPTION)
        && (result.isNullable() || result.isVoid() || end.isNullable() || end.isVoid())
        && !(style == Style.PUBLISHER && !result.isNullable() && !result.isVoid())) {
      throw new Unsupported(element, "items and ends are never null: take Optional or Unit");
    }
    return new Method(
        element,
        element.getSimpleName().toString(),
        id,
        WireTypes.has(element, Types.RPC + "Idempotent"),
        nonBlocking,
        style,
        arguments,
        parameters,
        result,
        end);
  }

  private static Style style(TypeMirror returned) {
    return switch (WireTypes.qualified(returned)) {
      case "java.util.concurrent.CompletionStage" -> Style.STAGE;
      case "java.util.concurrent.CompletableFuture" -> Style.FUTURE;
      case "java.util.concurrent.Flow.Publisher" -> Style.PUBLISHER;
      case Types.RPC + "Subscription" -> Style.SUBSCRIPTION;
      default -> Style.BLOCKING;
    };
  }

  private Result result(TypeMirror type, ExecutableElement element) throws Unsupported {
    boolean isVoid =
        type.getKind() == TypeKind.VOID || WireTypes.qualified(type).equals("java.lang.Void");
    if (isVoid) {
      return new Result(unit(), new Wire.Ready("UNIT"), true, false);
    }
    Wire wire = wires.of(type, element);
    shapes.checkKeys(wire, element);
    if (!(wire instanceof Wire.Composed composed) || !composed.factory().equals("nullable")) {
      return new Result(type, wire, false, false);
    }
    TypeElement optional = elements.getTypeElement("java.util.Optional");
    TypeMirror asOptional = types.getDeclaredType(optional, type);
    return new Result(asOptional, new Wire.Composed("optional", composed.parts()), false, true);
  }

  private TypeMirror unit() {
    return elements.getTypeElement(Types.WIRE + "Unit").asType();
  }

  private void checkThrown(ExecutableElement element, Style style) throws Unsupported {
    TypeMirror io = elements.getTypeElement("java.io.IOException").asType();
    TypeMirror unchecked = elements.getTypeElement("java.lang.RuntimeException").asType();
    TypeMirror error = elements.getTypeElement("java.lang.Error").asType();
    boolean declares = false;
    for (TypeMirror thrown : element.getThrownTypes()) {
      if (thrown.getKind() == TypeKind.ERROR) {
        throw new NotYet();
      }
      declares |= types.isSubtype(io, thrown);
      if (!types.isSubtype(io, thrown)
          && !types.isSubtype(thrown, io)
          && !types.isSubtype(thrown, unchecked)
          && !types.isSubtype(thrown, error)) {
        throw new Unsupported(
            element,
            thrown + " never reaches a caller: what a service throws arrives as RpcException");
      }
    }
    if (!declares && (style == Style.BLOCKING || style == Style.SUBSCRIPTION)) {
      throw new Unsupported(element, "declare `throws IOException`: every call may fail");
    }
  }
}
