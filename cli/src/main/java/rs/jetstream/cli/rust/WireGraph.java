package rs.jetstream.cli.rust;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import rs.jetstream.cli.rust.JavaModel.Component;
import rs.jetstream.cli.rust.JavaModel.JavaRecord;

/**
 * Which types hold which, and what follows from it. Takes as long as there are types, no longer.
 */
final class WireGraph {
  private final Set<String> ordered;
  private final Set<String> ending;

  WireGraph(List<JavaModel> models) {
    Map<String, List<JavaType>> held = new HashMap<>();
    Set<String> choices = new HashSet<>();
    for (JavaModel model : models) {
      for (JavaRecord tuple : model.tuples()) {
        held.put(model.name() + "." + tuple.name(), types(tuple.components()));
      }
      List<JavaType> all = new ArrayList<>();
      switch (model.body()) {
        case JavaModel.OfRecord of -> all.addAll(types(of.components()));
        case JavaModel.OfVariants of -> {
          of.variants().forEach(it -> all.addAll(types(it.components())));
          choices.add(model.name());
        }
        default -> {}
      }
      held.put(model.name(), all);
    }
    Map<String, Set<String>> forOrder = new HashMap<>();
    Map<String, Set<String>> toEnd = new HashMap<>();
    held.forEach((name, types) -> {
      Set<String> anywhere = new HashSet<>();
      Set<String> directly = new HashSet<>();
      for (JavaType type : types) {
        collect(type, anywhere);
        if (type.isImported()) {
          directly.add(type.name());
        }
      }
      if (types.stream().allMatch(WireGraph::isOrdered)) {
        forOrder.put(name, anywhere);
      }
      // Of a choice one variant ends, says the language that it was compiled by.
      toEnd.put(name, choices.contains(name) ? Set.of() : directly);
    });
    ordered = provable(forOrder);
    ending = provable(toEnd);
  }

  private static List<JavaType> types(List<Component> components) {
    return components.stream().filter(it -> !it.isSkipped()).map(Component::type).toList();
  }

  private static void collect(JavaType type, Set<String> into) {
    if (type.isImported()) {
      into.add(type.name());
    }
    type.arguments().forEach(it -> collect(it, into));
  }

  /** Whether what is not imported in {@code type} has an order. */
  private static boolean isOrdered(JavaType type) {
    return type.isKey() && type.arguments().stream().allMatch(WireGraph::isOrdered);
  }

  /** The names all of whose needs are provable; not those that need themselves. */
  private static Set<String> provable(Map<String, Set<String>> needs) {
    Map<String, List<String>> neededBy = new HashMap<>();
    Map<String, Integer> open = new HashMap<>();
    Deque<String> next = new ArrayDeque<>();
    needs.forEach((name, needed) -> {
      open.put(name, needed.size());
      needed.forEach(it -> neededBy.computeIfAbsent(it, _ -> new ArrayList<>()).add(name));
      if (needed.isEmpty()) {
        next.add(name);
      }
    });
    Set<String> proved = new HashSet<>();
    while (!next.isEmpty()) {
      String name = next.remove();
      proved.add(name);
      for (String by : neededBy.getOrDefault(name, List.of())) {
        if (open.merge(by, -1, Integer::sum) == 0) {
          next.add(by);
        }
      }
    }
    return proved;
  }

  /** Whether values of {@code type} have an order on the wire. */
  boolean hasOrder(JavaType type) {
    Set<String> held = new HashSet<>();
    collect(type, held);
    return isOrdered(type) && ordered.containsAll(held);
  }

  /** Whether a value of the type can be written down to its end. */
  boolean ends(String name) {
    return ending.contains(name);
  }
}
