package rs.jetstream.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import rs.jetstream.cli.rust.RustImport;
import rs.jetstream.cli.rust.RustSource;
import rs.jetstream.rpc.processor.JetStreamProcessor;

/**
 * The Rust end's own sources as Java, compiled with those that use them: {@code
 * src/test/imported/imported}.
 */
final class ImportedSources {
  private static final Path RUST =
      Path.of(System.getProperty("jetstream.test.jetstream-peer-sources"));
  private static final Path USERS =
      Path.of(System.getProperty("jetstream.test.imported-users"), "imported");

  private ImportedSources() {}

  /** Package {@code imported}, compiled in {@code folder} with every warning an error. */
  static URLClassLoader compile(Path folder) throws Exception {
    RustImport imported =
        RustImport.of(
            List.of(
                RustSource.read(RUST.resolve("service.rs")),
                RustSource.read(RUST.resolve("types.rs"))),
            "imported",
            List.of("1.2.3", PeerService.DESCRIPTOR.version().text()));
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, String> file : imported.files().entrySet()) {
      files.add(Files.writeString(folder.resolve(file.getKey()), file.getValue()));
    }
    try (Stream<Path> users = Files.list(USERS)) {
      users.forEach(files::add);
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of("-d", folder.toString(), "-parameters", "-Xlint:all,-processing", "-Werror");
      JavaCompiler.CompilationTask task =
          compiler.getTask(
              null, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files));
      task.setProcessors(List.of(new JetStreamProcessor()));
      assertThat(task.call()).isTrue();
    }
    return new URLClassLoader(
        new URL[] {folder.toUri().toURL()}, ImportedSources.class.getClassLoader());
  }
}
