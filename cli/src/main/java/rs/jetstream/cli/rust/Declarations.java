package rs.jetstream.cli.rust;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What all sources declare, by name. Java's package is one room, and so is this. */
final class Declarations {
  /** Classes that generated code takes from java.lang, which one of the package would hide. */
  private static final Set<String> NEEDED =
      Set.of(
          "AssertionError",
          "Boolean",
          "Double",
          "Float",
          "Integer",
          "Long",
          "Object",
          "Override",
          "RuntimeException",
          "Short",
          "String",
          "SuppressWarnings",
          "Void");

  private final Map<String, Item> all = new HashMap<>();
  private final Map<Item, String> javaNames = new LinkedHashMap<>();
  private final Set<String> names;

  Declarations(List<Item> items, Problems problems) {
    Map<String, Item> files = new HashMap<>();
    for (Item item : items) {
      if (!isWritten(item)) {
        all.putIfAbsent(item.name().text(), item);
        continue;
      }
      try {
        String name = Names.type(item.name());
        if (NEEDED.contains(name)) {
          throw new Refusal(
              item.name(), name + " would hide that of java.lang: import a copy with another name");
        }
        // Ignoring case, as some file systems do.
        Item other = files.putIfAbsent(name.toLowerCase(Locale.ROOT), item);
        if (other != null) {
          throw new Refusal(
              item.name(),
              other.name().text()
                  + " is declared at "
                  + other.name().place()
                  + ", and a package of Java has one of that name: import a copy with another"
                  + " name");
        }
        javaNames.put(item, name);
      } catch (Refusal e) {
        problems.add(e);
        javaNames.put(item, item.name().text());
      }
      // What is on the wire comes before a namesake that is not.
      all.put(item.name().text(), item);
    }
    names = Set.copyOf(javaNames.values());
    for (Item item : javaNames.keySet()) {
      for (String made : madeBy(item)) {
        Item other = files.get(made.toLowerCase(Locale.ROOT));
        if (other != null) {
          problems.add(
              other.name(),
              made
                  + " is what the annotation processor makes of "
                  + item.name().text()
                  + ": import a copy with another name");
        }
      }
    }
  }

  private static boolean isWritten(Item item) {
    return !(item instanceof Item.Alias || item instanceof Item.Other);
  }

  private List<String> madeBy(Item item) {
    String name = javaName(item);
    return item instanceof Item.Service
        ? List.of(name + "Service", name + "Client", name + "AsyncClient", name + "Dispatcher")
        : List.of(name + "Codec");
  }

  /** The type of this name, or null. */
  @Nullable Item type(String name) {
    Item item = all.get(name);
    return item instanceof Item.Service ? null : item;
  }

  /** What files are made of, in order of declaration. */
  List<Item> written() {
    return new ArrayList<>(javaNames.keySet());
  }

  String javaName(Item item) {
    return javaNames.getOrDefault(item, item.name().text());
  }

  /** Names of all files. */
  Set<String> javaNames() {
    return names;
  }
}
