package rs.jetstream.rpc.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/** Which codec is taken for a type that is not one's own, and what is an error. */
final class CodecRegistryTest {
  @TempDir Path folder;

  /** A codec of {@code type}. */
  private static String codec(String name, String type) {
    return codec(name, "Codec<" + type + ">", type);
  }

  private static String codec(String name, String of, String type) {
    return Compilation.source(
        """
        public class NAME implements OF {
          public NAME() {}
          @Override public void write(WireWriter out, TYPE value) throws WireFormatException {}
          @Override public TYPE read(WireReader in) throws WireFormatException {
            throw new UnsupportedOperationException();
          }
        }
        """
            .replace("NAME", name)
            .replace("OF", of)
            .replace("TYPE", type));
  }

  private static final String UUIDS = codec("Uuids", "UUID");
  private static final String OTHERS = codec("Others", "UUID");
  private static final String OF_MODULE = "@rs.jetstream.wire.WireCodecs(test.Uuids.class)\n";
  private static final String MODULE = "module app {\n  requires rs.jetstream.rpc;\n}\n";
  private static final String OF_PACKAGE =
      "@rs.jetstream.wire.WireCodecs(Uuids.class)\npackage test;\n";
  private static final String NAMED =
      Compilation.source("@WireCodecs(Uuids.class) public @interface Registry {}");

  /** The new expressions in the codec that is made of a record. */
  private List<String> taken(String record, String... others) throws IOException {
    List<String> sources = new ArrayList<>(List.of(others));
    sources.add(Compilation.source(record));
    Compilation.good(folder, sources.toArray(String[]::new));
    return java.util.regex.Pattern.compile("guarded\\(new (\\w+)\\(")
        .matcher(Files.readString(folder.resolve("test/RCodec.java")))
        .results()
        .map(it -> it.group(1))
        .toList();
  }

  @Test
  void registryOfATypeHoldsInsideIt() throws Exception {
    assertThat(taken("@WireType @WireCodecs(Uuids.class) public record R(UUID id) {}", UUIDS))
        .containsExactly("Uuids");
  }

  @Test
  void registryOfAPackageHoldsInsideIt() throws Exception {
    assertThat(taken("@WireType public record R(UUID id) {}", UUIDS, OF_PACKAGE))
        .containsExactly("Uuids");
  }

  @Test
  void registryOfAModuleHoldsInsideIt() throws Exception {
    assertThat(taken("@WireType public record R(UUID id) {}", UUIDS, OF_MODULE + MODULE))
        .containsExactly("Uuids");
  }

  @Test
  void registryWithANameHoldsWhereItIsNamed() throws Exception {
    assertThat(taken("@WireType @Registry public record R(UUID id) {}", UUIDS, NAMED))
        .containsExactly("Uuids");
  }

  @Test
  void registryHoldsForArgumentsAndResultsOfServices() throws Exception {
    String service =
        """
        @JetStreamService(version = "rs.jetstream.proto/s/1.0.0")
        @Registry
        public interface S {
          Optional<UUID> other(UUID id) throws IOException;
        }
        """;
    Compilation.good(folder, UUIDS, NAMED, Compilation.source(service));
    assertThat(Files.readString(folder.resolve("test/SService.java")))
        .contains("Codecs.optional(Codecs.guarded(new Uuids()))")
        .contains("ID_CODEC =\n        Codecs.guarded(new Uuids())");
  }

  @Test
  void registryHoldsInsideOptionalsListsAndNullables() throws Exception {
    String record =
        """
        @WireType
        public record R(@Nullable UUID a, List<Optional<UUID>> b, Map<String, UUID> c) {}
        """;
    assertThat(taken(record, UUIDS, OF_PACKAGE)).containsExactly("Uuids", "Uuids", "Uuids");
  }

  @Test
  void nearestRegistryIsTaken() throws Exception {
    String record =
        """
        @WireType
        @Registry
        public record R(UUID a, @WireCodec(Thirds.class) UUID b, In in) {
          @WireCodecs(Thirds.class)
          public record In(UUID c) {}
        }
        """;
    String thirds = codec("Thirds", "UUID");
    String ofPackage = OF_PACKAGE.replace("Uuids", "Others");
    assertThat(taken(record, UUIDS, OTHERS, thirds, NAMED, ofPackage))
        .containsExactly("Uuids", "Thirds");
    assertThat(Files.readString(folder.resolve("test/R_InCodec.java"))).contains("new Thirds()");
  }

  @Test
  void registryReplacesWhatTheWireCarriesByItself() throws Exception {
    String ofPackage = OF_PACKAGE.replace("Uuids.class", "{Texts.class, Longs.class}");
    assertThat(
            taken(
                "@WireType public record R(String text, long number, int other) {}",
                codec("Texts", "String"),
                codec("Longs", "Long"),
                ofPackage))
        .containsExactly("Texts", "Longs");
  }

  @Test
  void annotationAtTheValueIsNearerThanARegistry() throws Exception {
    String ofPackage = OF_PACKAGE.replace("Uuids.class", "{Longs.class, Arrays.class}");
    assertThat(
            taken(
                "@WireType public record R(@U32 long a, List<@U64 Long> b, @Data ByteBuffer c) {}",
                codec("Longs", "Long"),
                codec("Arrays", "ByteBuffer"),
                ofPackage))
        .isEmpty();
  }

  @Test
  void libraryKeepsItsRegistryWhereverItsTypesAreUsed() throws Exception {
    Path library = Files.createDirectory(folder.resolve("library"));
    Path user = Files.createDirectory(folder.resolve("user"));
    String id = "package lib; @rs.jetstream.wire.WireType public record Id(java.util.UUID id) {}";
    Compilation.good(
        library,
        OF_PACKAGE.replace("test", "lib"),
        UUIDS.replace("package test", "package lib"),
        id);
    String record = "@WireType @WireCodecs(Others.class) public record R(lib.Id id, UUID own) {}";
    Compilation compilation =
        Compilation.of(user, List.of(library), OTHERS, Compilation.source(record));
    assertThat(compilation.errors()).isEmpty();
    assertThat(Files.readString(user.resolve("test/RCodec.java")))
        .contains("IdCodec.INSTANCE")
        .contains("new Others()")
        .doesNotContain("Uuids");
  }

  /** A record, the other sources, and what is said of it. */
  static final List<Arguments> REFUSED =
      List.of(
          Arguments.of(
              "@WireCodecs({Uuids.class, Others.class}) public record R(UUID id) {}",
              List.of(UUIDS, OTHERS),
              "@WireCodecs names two codecs of UUID: Uuids and Others"),
          Arguments.of(
              "@Registry @WireCodecs(Others.class) public record R(UUID id) {}",
              List.of(UUIDS, OTHERS, NAMED),
              "@WireCodecs names two codecs of UUID: Uuids and Others"),
          Arguments.of(
              "@WireCodecs(Uuids.class) public record R(Set<UUID> ids) {}",
              List.of(UUIDS),
              "java.util.UUID has no order on the wire"),
          Arguments.of(
              "@WireCodecs(Uuids.class) public record R(UUID id) {}",
              List.of(UUIDS.replace("public Uuids()", "public Uuids(int i)")),
              "Uuids needs a constructor without parameters"),
          Arguments.of(
              "@WireCodecs(Uuids.class) public record R(Locale locale) {}",
              List.of(UUIDS),
              "the wire cannot carry Locale"));

  @ParameterizedTest
  @FieldSource("REFUSED")
  void registryIsRefused(String record, List<String> others, String because) {
    List<String> sources = new ArrayList<>(others);
    sources.add(Compilation.source("@WireType\n" + record + "\n"));
    Compilation compilation = Compilation.of(folder, sources.toArray(String[]::new));
    assertThat(compilation.succeeded()).isFalse();
    assertThat(compilation.errors())
        .filteredOn(it -> it.startsWith(record + " | ") && it.contains(because))
        .as("%s", compilation.errors())
        .hasSize(1);
  }
}
