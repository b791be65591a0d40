package rs.jetstream.cli.rust;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One file of Java, before it is written. */
record JavaModel(String name, Token from, List<String> docs, Body body, List<JavaRecord> tuples) {
  /** What it declares. */
  sealed interface Body {}

  /** A record, which has the name of the file. */
  record OfRecord(List<Component> components) implements Body {}

  /** An enum of constants. */
  record OfConstants(List<Constant> constants) implements Body {}

  /** A sealed interface of records. */
  record OfVariants(List<JavaRecord> variants) implements Body {}

  /** A service. */
  record OfService(String version, List<Method> methods) implements Body {}

  /** A record inside. */
  record JavaRecord(String name, List<String> docs, List<Component> components) {}

  /** One constant. */
  record Constant(String name, List<String> docs) {}

  /** One component of a record, or one parameter of a method. */
  record Component(String name, JavaType type, List<String> docs, boolean isSkipped) {}

  /**
   * One method.
   *
   * @param result null for none
   * @param end what a subscription to {@code result} ends with, or null
   */
  record Method(
      String name,
      List<String> docs,
      List<Component> parameters,
      @Nullable JavaType result,
      @Nullable JavaType end) {}

  /** Names of types that are declared inside. */
  List<String> nested() {
    List<String> names = new ArrayList<>();
    if (body instanceof OfVariants of) {
      of.variants().forEach(it -> names.add(it.name()));
    }
    tuples.forEach(it -> names.add(it.name()));
    return names;
  }

  /** All that is on the wire, by the record or method that it is of. */
  List<JavaType> types() {
    List<JavaType> types = new ArrayList<>();
    tuples.forEach(it -> addTypes(it.components(), types));
    switch (body) {
      case OfRecord of -> addTypes(of.components(), types);
      case OfVariants of -> of.variants().forEach(it -> addTypes(it.components(), types));
      case OfConstants _ -> {}
      case OfService of -> {
        for (Method method : of.methods()) {
          addTypes(method.parameters(), types);
          Stream.of(Optional.ofNullable(method.result()), Optional.ofNullable(method.end()))
              .flatMap(Optional::stream)
              .forEach(types::add);
        }
      }
    }
    return types;
  }

  private static void addTypes(List<Component> components, List<JavaType> types) {
    components.stream().filter(it -> !it.isSkipped()).map(Component::type).forEach(types::add);
  }

  /** Classes that its types name as their codecs. */
  Set<String> codecs() {
    Set<String> codecs = new HashSet<>();
    types().forEach(it -> it.addCodecs(codecs));
    return codecs;
  }
}
