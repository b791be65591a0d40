package rs.jetstream.rpc.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/** What the wire cannot carry is an error at its line, that says what to do. */
final class RefusedSourcesTest {
  @TempDir Path folder;

  /** The line that is wrong, in the place of METHOD; and what is said about it. */
  static final List<Arguments> METHODS =
      List.of(
          Arguments.of("char c() throws IOException;", "the wire has no char"),
          Arguments.of("void m(Character c) throws IOException;", "the wire has no char"),
          Arguments.of("byte b() throws IOException;", "the wire has no i8: take @U8 int"),
          Arguments.of("void m(@U8 byte b) throws IOException;", "@U8 goes with int"),
          Arguments.of("void m(@U16 short s) throws IOException;", "@U16 goes with int"),
          Arguments.of("void m(@U32 int i) throws IOException;", "@U32 goes with long"),
          Arguments.of("void m(@U64 int i) throws IOException;", "@U64 goes with long"),
          Arguments.of("void m(@U32 String s) throws IOException;", "@U32 goes with long"),
          Arguments.of("void m(List<@U8 Long> l) throws IOException;", "@U8 goes with int"),
          Arguments.of("int[] a() throws IOException;", "the wire has no arrays: take List"),
          Arguments.of("String[] a() throws IOException;", "the wire has no arrays: take List"),
          Arguments.of("byte[] a() throws IOException;", "say how the bytes are carried"),
          Arguments.of("void m(ByteBuffer b) throws IOException;", "say how the bytes are carried"),
          Arguments.of("void m(MemorySegment b) throws IOException;", "say how the bytes"),
          Arguments.of("void m(@Data @VecU8 byte[] b) throws IOException;", "say how the bytes"),
          Arguments.of("void m(@Data String s) throws IOException;", "@Data goes with byte[]"),
          Arguments.of("List<?> l() throws IOException;", "a wildcard says no type"),
          Arguments.of("List<? extends String> l() throws IOException;", "a wildcard says no type"),
          Arguments.of("<T> T t(T t) throws IOException;", "has no type parameters"),
          Arguments.of("Object o() throws IOException;", "the wire says no types"),
          Arguments.of("UUID u() throws IOException;", "cannot carry UUID"),
          Arguments.of("void m(UUID u) throws IOException;", "write a Codec and name it"),
          Arguments.of("void m(Thread t) throws IOException;", "cannot carry Thread"),
          Arguments.of("void m(ArrayList<String> l) throws IOException;", "take List"),
          Arguments.of("void m(HashMap<String, String> m) throws IOException;", "take Map"),
          Arguments.of("void m(OptionalInt o) throws IOException;", "take Optional<Integer>"),
          Arguments.of("void m(java.math.BigInteger b) throws IOException;", "take UInt128"),
          Arguments.of("void m(java.time.Duration d) throws IOException;", "cannot carry Duration"),
          Arguments.of("void m(Set<Double> s) throws IOException;", "has no order on the wire"),
          Arguments.of("void m(Map<Float, String> m) throws IOException;", "no order"),
          Arguments.of("void m(Map<Set<String>, String> m) throws IOException;", "no order"),
          Arguments.of("void m(List<Set<Double>> s) throws IOException;", "no order"),
          Arguments.of("void m(List<@Nullable String> s) throws IOException;", "take Optional"),
          Arguments.of("void m(String... s) throws IOException;", "takes a List"),
          Arguments.of("String noThrows();", "declare `throws IOException`"),
          Arguments.of("Subscription<String, Unit> noThrows();", "declare `throws IOException`"),
          Arguments.of("void m() throws IOException, InterruptedException;", "never reaches"),
          Arguments.of("void m(RpcContext a, RpcContext b) throws IOException;", "one RpcContext"),
          Arguments.of("void m(String hashCode) throws IOException;", "method of Object"),
          Arguments.of("void other(int i) throws IOException;", "another method has this name"),
          Arguments.of("void OTHER() throws IOException;", "another method has this name"),
          Arguments.of("@MethodId(104) void m() throws IOException;", "on all methods"),
          Arguments.of(
              "@rs.jetstream.rpc.NonBlocking CompletionStage<String> m();",
              "@NonBlocking is for methods that return their result"),
          Arguments.of("Flow.Publisher<@Nullable String> p();", "never null"));

  @ParameterizedTest
  @FieldSource("METHODS")
  void methodIsRefused(String method, String because) {
    Compilation compilation =
        Compilation.of(
            folder,
            Compilation.source(
                """
                @JetStreamService(version = "rs.jetstream.proto/bad/1.0.0")
                public interface Bad {
                  void other() throws IOException;
                  METHOD
                }
                """
                    .replace("METHOD", method)));
    assertThat(compilation.succeeded()).isFalse();
    assertThat(compilation.errors())
        .filteredOn(it -> it.startsWith(method + " | ") && it.contains(because))
        .as("%s", compilation.errors())
        .hasSize(1);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void rawTypesAreRefused() {
    // Without -Xlint:rawtypes the compiler would be silent.
    String line = "@SuppressWarnings(\"rawtypes\") List raw() throws IOException;";
    methodIsRefused(line, "List is raw: name its type arguments");
  }

  static final List<Arguments> TYPES =
      List.of(
          Arguments.of("public record R(char c) {}", "the wire has no char"),
          Arguments.of("public record R(Object o) {}", "the wire says no types"),
          Arguments.of("public record R(byte[] b) {}", "say how the bytes are carried"),
          Arguments.of("public record R<T>(T t) {}", "without parameters"),
          Arguments.of("public record R(R r) {}", "holds itself without end"),
          Arguments.of("public record R(@Nullable int i) {}", "a primitive cannot be null"),
          Arguments.of("public record R(@Skip Thread t) {}", "no default for what is skipped"),
          Arguments.of(
              "public record R(Map<Inner, String> m) { record Inner(float f) {} }",
              "has no order on the wire"),
          Arguments.of("public record R(Inner i) { private record Inner(int i) {} }", "is private"),
          Arguments.of("public class R {}", "goes with records"),
          Arguments.of("public interface R {}", "goes with records"),
          Arguments.of("public enum R {}", "1 to 256 constants"),
          Arguments.of(
              "public sealed interface R { final class A implements R {} }", "must be a record"),
          Arguments.of(
              "public sealed interface R { record A<T>(T t) implements R {} }",
              "has type parameters"));

  @ParameterizedTest
  @FieldSource("TYPES")
  void typeIsRefused(String type, String because) {
    Compilation compilation =
        Compilation.of(folder, Compilation.source("@WireType\n" + type + "\n"));
    assertThat(compilation.succeeded()).isFalse();
    assertThat(compilation.errors())
        .filteredOn(it -> it.startsWith(type + " | ") && it.contains(because))
        .as("%s", compilation.errors())
        .hasSize(1);
    assertThat(folder).isEmptyDirectory();
  }

  static final List<Arguments> SERVICES =
      List.of(
          Arguments.of(
              "echo/1.2.3", "interface S { void m() throws IOException; }", "a version is"),
          Arguments.of(
              "rs.jetstream.proto/s/1.2",
              "interface S { void m() throws IOException; }",
              "a version is"),
          Arguments.of("rs.jetstream.proto/s/1.2.3", "interface S {}", "at least one method"),
          Arguments.of("rs.jetstream.proto/s/1.2.3", "class S {}", "a service is an interface"),
          Arguments.of(
              "rs.jetstream.proto/s/1.2.3",
              "interface S<T> { void m() throws IOException; }",
              "no type parameters"),
          Arguments.of(
              "rs.jetstream.proto/s/1.2.3",
              "interface S extends Runnable {}",
              "extends no interface"),
          Arguments.of(
              "rs.jetstream.proto/s/1.2.3",
              "interface S { @MethodId(103) void m() throws IOException; }",
              "even and from 102"),
          Arguments.of(
              "rs.jetstream.proto/s/1.2.3",
              "interface S { @MethodId(256) void m() throws IOException; }",
              "even and from 102"),
          Arguments.of(
              "rs.jetstream.proto/s/1.2.3",
              "interface S { @MethodId(102) void m() throws IOException;"
                  + " @MethodId(102) void n() throws IOException; }",
              "has the id 102"));

  @ParameterizedTest
  @FieldSource("SERVICES")
  void serviceIsRefused(String version, String service, String because) {
    Compilation compilation =
        Compilation.of(
            folder,
            Compilation.source(
                "@JetStreamService(version = \"" + version + "\")\npublic " + service + "\n"));
    assertThat(compilation.succeeded()).isFalse();
    assertThat(compilation.errors())
        .filteredOn(it -> it.startsWith("public " + service + " | ") && it.contains(because))
        .as("%s", compilation.errors())
        .hasSize(1);
  }

  @Test
  void moreThan77MethodsAreRefused() {
    assertThat(Compilation.of(folder, methods(77)).errors()).isEmpty();
    assertThat(Compilation.of(folder, methods(78)).errors())
        .containsExactly("void m77() throws IOException; | a service has at most 77 methods");
  }

  private static String methods(int count) {
    StringBuilder code =
        new StringBuilder(
            "@JetStreamService(version = \"rs.jetstream.proto/s/1.2.3\")\npublic interface S {\n");
    IntStream.range(0, count).forEach(i -> code.append("void m" + i + "() throws IOException;\n"));
    return Compilation.source(code + "}\n");
  }

  @Test
  void nameThatIsTakenIsRefused() {
    Compilation compilation =
        Compilation.of(
            folder,
            Compilation.source("@WireType\npublic record R(int i) {}\n"),
            Compilation.source("public interface RCodec {}\n"));
    assertThat(compilation.errors())
        .singleElement()
        .asString()
        .startsWith("public record R(int i) {} | the name test.RCodec is taken");
  }

  @Test
  void typeThatWasCompiledWithoutACodecIsRefused() throws Exception {
    Path library = java.nio.file.Files.createDirectory(folder.resolve("library"));
    Path user = java.nio.file.Files.createDirectory(folder.resolve("user"));
    assertThat(Compilation.of(library, "package lib; public record Bare(int i) {}").errors())
        .isEmpty();
    Compilation compilation =
        Compilation.of(
            user,
            List.of(library),
            Compilation.source("@WireType\npublic record R(lib.Bare b) {}\n"));
    assertThat(compilation.errors())
        .singleElement()
        .asString()
        .contains("test.R uses lib.Bare: Bare was compiled without a codec")
        .startsWith("public record R(lib.Bare b) {} | ");
  }

  @Test
  void missingTypeIsTheCompilersToReport() {
    Compilation compilation =
        Compilation.of(folder, Compilation.source("@WireType\npublic record R(Missing m) {}\n"));
    assertThat(compilation.errors()).singleElement().asString().contains("cannot find symbol");
  }
}
