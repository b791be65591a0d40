package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** On JDK 22 and 23 a park inside {@code synchronized} holds the carrier: there is none here. */
final class NoSynchronizedTest {
  @Test
  void noClassOfThisModuleSynchronizes() throws Exception {
    Path classes =
        Path.of(JetStreamServer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> files;
    try (Stream<Path> all = Files.walk(classes)) {
      files =
          all.map(Path::toString)
              .filter(it -> it.endsWith(".class") && !it.endsWith("module-info.class"))
              .toList();
    }
    StringWriter out = new StringWriter();
    StringWriter error = new StringWriter();
    String[] arguments =
        Stream.concat(Stream.of("-c", "-p"), files.stream()).toArray(String[]::new);
    int code =
        ToolProvider.findFirst("javap")
            .orElseThrow()
            .run(new PrintWriter(out), new PrintWriter(error), arguments);
    assertThat(code).as("%s", error).isZero();
    assertThat(out.toString()).contains("class rs.jetstream.rpc.ServerLane").contains("invoke");
    assertThat(out.toString().lines())
        .noneMatch(it -> it.contains(": monitorenter"))
        .noneMatch(it -> it.strip().matches("[a-z ]*\\bsynchronized\\b.*"));
  }
}
