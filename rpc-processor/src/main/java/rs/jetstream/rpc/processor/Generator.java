package rs.jetstream.rpc.processor;

import java.io.IOException;
import java.io.Writer;
import java.util.Set;
import javax.annotation.processing.Filer;
import javax.annotation.processing.FilerException;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.Elements;

/** Writes files. */
final class Generator {
  private static final String GENERATED = "javax.annotation.processing.Generated";

  private final Filer filer;
  private final Set<String> sources;
  private final boolean marked;

  Generator(Filer filer, Elements elements, Set<String> sources) {
    this.filer = filer;
    this.sources = sources;
    // In module java.compiler, which what is compiled need not read.
    marked = elements.getTypeElement(GENERATED) != null;
  }

  /** Marks the type that is declared next. */
  void mark(SourceFile file) {
    if (marked) {
      file.add("@" + file.name(GENERATED) + "(\"" + JetStreamProcessor.class.getName() + "\")");
    }
  }

  void write(String name, SourceFile file, TypeElement from) throws Unsupported {
    if (sources.contains(name)) {
      throw taken(name, from);
    }
    try (Writer out = filer.createSourceFile(name, file.origins()).openWriter()) {
      out.write(file.toString());
    } catch (FilerException e) {
      throw taken(name, from);
    } catch (IOException e) {
      throw new Unsupported(from, "cannot write " + name + ": " + e.getMessage());
    }
  }

  private static Unsupported taken(String name, TypeElement from) {
    return new Unsupported(
        from, "the name " + name + " is taken: it is that of a class that is made for this type");
  }
}
