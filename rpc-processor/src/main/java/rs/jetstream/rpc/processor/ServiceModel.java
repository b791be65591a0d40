package rs.jetstream.rpc.processor;

import java.util.List;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.TypeMirror;
import rs.jetstream.rpc.processor.Wire.Field;

/** A service, checked. */
record ServiceModel(TypeElement type, String version, List<Method> methods) {
  /** How a method answers. */
  enum Style {
    /** A value, after a while. */
    BLOCKING,
    /** A stage, at once. */
    STAGE,
    /** A {@code CompletableFuture}, at once. */
    FUTURE,
    /** Items, published. */
    PUBLISHER,
    /** Items, iterated. */
    SUBSCRIPTION
  }

  /**
   * A value that is answered.
   *
   * @param isVoid whether there is nothing
   * @param isNullable whether it may be null: it is carried as an Optional
   */
  record Result(TypeMirror type, Wire wire, boolean isVoid, boolean isNullable) {}

  /**
   * One method.
   *
   * @param nonBlocking whether it may run on the endpoint's own thread
   * @param arguments what is carried
   * @param parameters all of the parameters, for calls; the context is among them
   */
  record Method(
      ExecutableElement element,
      String name,
      int id,
      boolean idempotent,
      boolean nonBlocking,
      Style style,
      List<Field> arguments,
      List<Parameter> parameters,
      Result result,
      Result end) {
    String constant() {
      String constant = SourceFile.constant(name);
      return constant.equals("DESCRIPTOR") ? "DESCRIPTOR_" : constant;
    }

    boolean isSubscription() {
      return style == Style.PUBLISHER || style == Style.SUBSCRIPTION;
    }
  }

  /** One parameter. */
  record Parameter(String name, TypeMirror type, boolean isContext) {}
}
