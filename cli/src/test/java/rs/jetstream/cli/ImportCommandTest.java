package rs.jetstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ImportCommandTest {
  private static final String SOURCE =
      """
      #[derive(JetStreamWireFormat)]
      pub struct Order { pub id: u64 }

      #[service]
      pub trait Orders { async fn place(&mut self, order: Order) -> Result<()>; }
      """;

  @TempDir private Path folder;

  private record Outcome(int exit, String out, String err) {}

  private Path source(String text) throws IOException {
    Files.createDirectories(folder.resolve("crate/src"));
    return Files.writeString(folder.resolve("crate/src/lib.rs"), text);
  }

  private static Outcome jetstream(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine main = Main.commandLine();
    main.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exit = main.execute(Stream.of(arguments).map(String::valueOf).toArray(String[]::new));
    return new Outcome(exit, out.toString(), err.toString());
  }

  private Outcome imports(Object... more) {
    List<Object> all = new ArrayList<>();
    all.addAll(List.of("import", folder.resolve("crate/src/lib.rs"), "--package", "com.example"));
    all.addAll(List.of("--out", folder.resolve("java")));
    all.addAll(List.of(more));
    return jetstream(all.toArray());
  }

  private List<String> written() throws IOException {
    Path java = folder.resolve("java");
    if (!Files.exists(java)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(java)) {
      return files
          .filter(Files::isRegularFile)
          .map(it -> java.relativize(it).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void filesAreWrittenInTheFolderOfTheirPackage() throws Exception {
    source(SOURCE);
    Outcome outcome = imports("--version", "1.2.3");
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.exit()).isZero();
    assertThat(written()).containsExactly("com/example/Order.java", "com/example/Orders.java");
    assertThat(outcome.out()).contains("wrote ", "Order.java", "Orders.java");
  }

  @Test
  void theSameSourceTwiceChangesNothing() throws Exception {
    source(SOURCE);
    imports("--version", "1.2.3");
    Path order = folder.resolve("java/com/example/Order.java");
    Object before = Files.readAttributes(order, "lastModifiedTime,fileKey");
    Outcome again = imports("--version", "1.2.3");
    assertThat(again.exit()).isZero();
    assertThat(again.out()).isEqualToIgnoringNewLines("2 files were there already");
    assertThat(Files.readAttributes(order, "lastModifiedTime,fileKey")).isEqualTo(before);
  }

  @Test
  void aFileThatDiffersIsOverwrittenOnlyWhenForced() throws Exception {
    source(SOURCE);
    Path order = folder.resolve("java/com/example/Order.java");
    Files.createDirectories(order.getParent());
    Files.writeString(order, "mine");
    Outcome refused = imports("--version", "1.2.3");
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains(order + ": is there, and differs").contains("--force");
    assertThat(order).hasContent("mine");
    assertThat(written()).containsExactly("com/example/Order.java");
    assertThat(imports("--version", "1.2.3", "--force").exit()).isZero();
    assertThat(order).content().contains("record Order(");
    assertThat(written()).containsExactly("com/example/Order.java", "com/example/Orders.java");
  }

  @Test
  void nothingIsWrittenWhenSomethingCannotBeMapped() throws Exception {
    Path source = source(SOURCE.replace("id: u64", "id: u64, size: usize"));
    Outcome outcome = imports("--version", "1.2.3");
    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.err())
        .startsWith(source + ":2:39: usize has no encoding")
        .contains("Nothing was written.")
        .doesNotContain("bug");
    assertThat(written()).isEmpty();
  }

  @Test
  void nothingIsLeftWhenWritingFails() throws Exception {
    source(SOURCE);
    Files.createDirectories(folder.resolve("java/com/example/Orders.java/full"));
    Outcome outcome = imports("--version", "1.2.3", "--force");
    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(written()).noneMatch(it -> it.endsWith(".tmp"));
  }

  @Test
  void theVersionIsThatOfTheManifest() throws Exception {
    source(SOURCE);
    Outcome without = imports();
    assertThat(without.exit()).isEqualTo(1);
    assertThat(without.err()).contains("lib.rs:5:11: no Cargo.toml says the version of Orders");
    Files.writeString(
        folder.resolve("crate/Cargo.toml"),
        """
        [dependencies]
        version = "9.9.9"
        [package]
        name = "orders"
        version = "4.5.6-rc.1" # next
        """);
    assertThat(imports().exit()).isZero();
    assertThat(folder.resolve("java/com/example/Orders.java"))
        .content()
        .contains("\"rs.jetstream.proto/orders/4.5.6\"");
  }

  @Test
  void wrongArgumentsAreToldBeforeAnythingIsRead() {
    assertThat(jetstream("import", "none.rs").exit()).isEqualTo(2);
    assertThat(jetstream("import", "--package", "a").exit()).isEqualTo(2);
    Outcome keyword = jetstream("import", "none.rs", "--package", "com.new");
    assertThat(keyword.exit()).isEqualTo(2);
    assertThat(keyword.err()).startsWith("--package is 'com.new'");
    Outcome version = jetstream("import", "none.rs", "--package", "a", "--version", "1.2");
    assertThat(version.exit()).isEqualTo(2);
    assertThat(version.err()).startsWith("--version is '1.2'");
  }

  @Test
  void aVersionOfNoServiceIsRefused() throws Exception {
    source(SOURCE);
    Outcome outcome = imports("--version", "1.2.3", "--version", "rs.jetstream.proto/order/1.2.3");
    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.err())
        .startsWith("--version rs.jetstream.proto/order/1.2.3: no source has such a service");
    assertThat(written()).isEmpty();
  }

  @Test
  void aSourceThatIsNotThereIsTold() {
    Outcome outcome = jetstream("import", folder.resolve("no.rs"), "--package", "a");
    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.err()).contains("no.rs").doesNotContain("bug");
    assertThat(jetstream("import", folder, "--package", "a").err()).contains("is no file");
  }

  @Test
  void helpTellsWhatItDoes() {
    Outcome outcome = jetstream("import", "--help");
    assertThat(outcome.exit()).isZero();
    assertThat(outcome.out()).contains("FILE.rs", "--package", "--out", "--version", "--force");
    assertThat(jetstream("--help").out()).contains("import");
  }
}
