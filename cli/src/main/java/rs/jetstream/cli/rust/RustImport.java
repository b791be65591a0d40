package rs.jetstream.cli.rust;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Java that speaks with the Rust of some sources: an interface for every {@code #[service]}, a
 * record, enum or sealed interface for every type with {@code #[derive(JetStreamWireFormat)]}. The
 * same sources give the same Java.
 *
 * @param files the text of each, by its name, such as {@code Echo.java}
 * @param notes what was left out, and why that is right
 */
public record RustImport(SortedMap<String, String> files, List<String> notes) {
  /** Whether a package can have this name. */
  public static boolean isPackage(String name) {
    return Names.isPackage(name);
  }

  /** Whether this is a version of a service, such as 1.2.3, or all of its text. */
  public static boolean isVersion(String text) {
    return Versions.isVersion(text);
  }

  /**
   * Imports all of {@code sources}, or nothing.
   *
   * @param packageName where the Java is to be
   * @param versions of services; those of whom none is given have that of their crate's manifest
   */
  public static RustImport of(List<RustSource> sources, String packageName, List<String> versions)
      throws RustImportException {
    Problems problems = new Problems();
    List<Item> items = new ArrayList<>();
    for (RustSource source : sources) {
      items.addAll(ItemParser.items(source, problems));
    }
    Declarations declarations = new Declarations(items, problems);
    Versions texts = new Versions(versions);
    Mapper mapper = new Mapper(declarations, texts, problems);
    List<JavaModel> models = mapper.map();
    if (problems.isEmpty() && models.isEmpty()) {
      problems.add(
          sources.getFirst().name() + ":1:1",
          "nothing to import: no trait with #[service], no type with"
              + " #[derive(JetStreamWireFormat)]");
    }
    if (problems.isEmpty()) {
      texts.checkUsed(problems);
    }
    SortedSet<String> codecs = new TreeSet<>();
    models.forEach(it -> codecs.addAll(it.codecs()));
    for (JavaModel model : models) {
      if (codecs.contains(model.name())) {
        problems.add(
            model.from(),
            model.name()
                + " is what import calls a codec of its own: import a copy with another name");
      }
    }
    problems.check();
    JavaWriter writer = new JavaWriter(packageName, declarations.javaNames());
    SortedMap<String, String> files = new TreeMap<>();
    models.forEach(it -> files.put(it.name() + ".java", writer.write(it)));
    codecs.forEach(it -> files.put(it + ".java", writer.writeCodec(it)));
    return new RustImport(files, mapper.notes());
  }
}
