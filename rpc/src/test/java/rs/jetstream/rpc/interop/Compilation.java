package rs.jetstream.rpc.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.annotation.processing.Processor;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;
import rs.jetstream.rpc.JetStreamService;
import rs.jetstream.rpc.processor.JetStreamProcessor;

/** Sources, compiled with the processor and with every warning an error. */
record Compilation(
    Path folder, List<Diagnostic<? extends JavaFileObject>> diagnostics, boolean succeeded) {

  /** A source of package {@code test}, with what tests need imported. */
  static String source(String code) {
    return """
    package test;
    import java.io.IOException;
    import java.util.*;
    import java.util.concurrent.*;
    import java.nio.ByteBuffer;
    import java.lang.foreign.MemorySegment;
    import rs.jetstream.rpc.*;
    import rs.jetstream.wire.*;
    import org.jspecify.annotations.Nullable;
    """
        + code;
  }

  /** Compiles sources; each begins with its package and has one top-level type that counts. */
  static Compilation of(Path folder, String... sources) {
    return of(folder, List.of(), sources);
  }

  static Compilation of(Path folder, List<Path> classPath, String... sources) {
    return of(folder, classPath, List.of(new JetStreamProcessor()), sources);
  }

  static Compilation of(
      Path folder, List<Path> classPath, List<Processor> processors, String... sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(diagnostics, Locale.ROOT, StandardCharsets.UTF_8)) {
      StringBuilder path = new StringBuilder();
      for (Class<?> type : List.of(JetStreamService.class, NullMarked.class)) {
        path.append(Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()))
            .append(java.io.File.pathSeparatorChar);
      }
      classPath.forEach(it -> path.append(it).append(java.io.File.pathSeparatorChar));
      List<SimpleJavaFileObject> units = new ArrayList<>();
      for (String source : sources) {
        units.add(
            new SimpleJavaFileObject(
                URI.create("string:///" + name(source) + ".java"), JavaFileObject.Kind.SOURCE) {
              @Override
              public CharSequence getCharContent(boolean ignore) {
                return source;
              }
            });
      }
      boolean isModule = Stream.of(sources).anyMatch(it -> name(it).equals("module-info"));
      JavaCompiler.CompilationTask task =
          compiler.getTask(
              new StringWriter(),
              files,
              diagnostics,
              List.of(
                  "-d",
                  folder.toString(),
                  "-s",
                  folder.toString(),
                  // What a module requires is found by the paths of this test.
                  isModule ? "-p" : "-cp",
                  isModule ? System.getProperty("jdk.module.path") : path.toString(),
                  "-parameters",
                  "--release",
                  "22",
                  "-Xlint:all,-processing", // nobody claims annotations
                  "-Werror"),
              null,
              units);
      task.setProcessors(processors);
      boolean succeeded = task.call();
      return new Compilation(folder, diagnostics.getDiagnostics(), succeeded);
    } catch (IOException | java.net.URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** Compiles sources that have nothing wrong with them. */
  static Compilation good(Path folder, String... sources) {
    Compilation compilation = of(folder, sources);
    assertThat(compilation.errors()).isEmpty();
    assertThat(compilation.succeeded()).isTrue();
    return compilation;
  }

  private static String name(String source) {
    if (source.startsWith("module ") || source.contains("\nmodule ")) {
      return "module-info";
    }
    java.util.regex.Matcher matcher =
        java.util.regex.Pattern.compile("package ([a-z.]+);").matcher(source);
    String folder = matcher.find() ? matcher.group(1).replace('.', '/') + "/" : "";
    matcher =
        java.util.regex.Pattern.compile("public [a-z ]*@?(?:interface|record|enum|class) (\\w+)")
            .matcher(source);
    return folder + (matcher.find() ? matcher.group(1) : "package-info");
  }

  /** Errors and warnings as line of code and message. */
  List<String> errors() {
    return diagnostics.stream()
        .filter(it -> it.getKind() != Diagnostic.Kind.NOTE)
        .map(it -> line(it) + " | " + it.getMessage(Locale.ROOT))
        .toList();
  }

  private static String line(Diagnostic<? extends JavaFileObject> diagnostic) {
    try {
      JavaFileObject source = diagnostic.getSource();
      return source == null
          ? "?"
          : source
              .getCharContent(true)
              .toString()
              .lines()
              .skip(diagnostic.getLineNumber() - 1)
              .findFirst()
              .orElse("")
              .strip();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** What was generated, by name. */
  List<String> generated() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .map(it -> it.getFileName().toString())
          .filter(it -> it.endsWith(".java"))
          .sorted()
          .toList();
    }
  }

  /** A loader of what was compiled. */
  URLClassLoader loader() throws MalformedURLException {
    return new URLClassLoader(
        new URL[] {folder.toUri().toURL()}, JetStreamService.class.getClassLoader());
  }
}
