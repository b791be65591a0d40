package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import rs.jetstream.ffi.NativeLibrary;

/** On JDK 22 and 23 a park inside {@code synchronized} holds the carrier: there is none. */
final class NoSynchronizedTest {
  @Test
  void noClassOfOursSynchronizes() throws Exception {
    for (Class<?> of : List.of(JetStreamLibrary.class, NativeLibrary.class)) {
      List<String> classes =
          classes(of.getProtectionDomain().getCodeSource().getLocation().toURI());
      assertThat(classes).isNotEmpty();
      String code = disassembled(classes);
      assertThat(code).contains("invokestatic"); // it was disassembled
      assertThat(code.lines().filter(NoSynchronizedTest::synchronizes)).isEmpty();
    }
  }

  private static boolean synchronizes(String line) {
    return line.contains(": monitorenter") || line.strip().matches("[a-z ]*\\bsynchronized\\b.*");
  }

  private static String disassembled(List<String> classes) {
    StringWriter out = new StringWriter();
    StringWriter error = new StringWriter();
    int code =
        ToolProvider.findFirst("javap")
            .orElseThrow()
            .run(
                new PrintWriter(out),
                new PrintWriter(error),
                Stream.concat(Stream.of("-c", "-p"), classes.stream()).toArray(String[]::new));
    assertThat(code).as("%s", error).isZero();
    return out.toString();
  }

  /** The class files of a folder or jar, but jextract's. */
  private static List<String> classes(URI location) throws IOException {
    Path path = Path.of(location);
    if (Files.isDirectory(path)) {
      try (Stream<Path> files = Files.walk(path)) {
        return files.map(Path::toString).filter(NoSynchronizedTest::isOurs).toList();
      }
    }
    try (ZipFile jar = new ZipFile(path.toFile())) {
      return jar.stream()
          .map(entry -> "jar:" + location + "!/" + entry.getName())
          .filter(NoSynchronizedTest::isOurs)
          .toList();
    }
  }

  private static boolean isOurs(String name) {
    return name.endsWith(".class") && !name.endsWith("module-info.class") && !name.contains("raw");
  }
}
