package rs.jetstream.rpc.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireFormatException.Kind;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/** Sources of many kinds, compiled with what is made of them, without a warning, and run. */
@Timeout(60)
final class GeneratedSourcesTest {
  @TempDir Path folder;

  @SuppressWarnings("unchecked") // values are those of the codec's type
  private static Codec<Object> codec(URLClassLoader loader, String name) throws Exception {
    return (Codec<Object>) loader.loadClass("test." + name).getField("INSTANCE").get(null);
  }

  private static Object make(URLClassLoader loader, String type, Object... arguments)
      throws Exception {
    Constructor<?> constructor = loader.loadClass("test." + type).getDeclaredConstructors()[0];
    constructor.setAccessible(true);
    try {
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw (Exception) e.getCause();
    }
  }

  private static String hex(Codec<Object> codec, Object value) throws WireFormatException {
    WireWriter out = WireWriter.growing(10_000);
    codec.write(out, value);
    assertThat(codec.size(value)).isEqualTo(out.position());
    assertThat(codec.read(WireReader.of(out.written()))).isEqualTo(value);
    return HexFormat.of().formatHex(out.toByteArray());
  }

  private static Object read(Codec<Object> codec, String hex) throws WireFormatException {
    WireReader in = WireReader.of(HexFormat.of().parseHex(hex));
    Object value = codec.read(in);
    in.finish();
    return value;
  }

  @Test
  void skippedComponentsAreDefaultsWhenRead() throws Exception {
    Compilation compilation =
        Compilation.good(
            folder,
            Compilation.source(
                """
                @WireType
                public record Skips(
                    @U16 int a, @Skip long cache, @U16 int b, @Skip @Nullable Thread thread,
                    @Skip String text, @Skip List<Object> list, @Skip boolean flag,
                    @Skip Optional<Integer> option) {}
                """));
    try (URLClassLoader loader = compilation.loader()) {
      Codec<Object> codec = codec(loader, "SkipsCodec");
      Object value =
          make(loader, "Skips", 1, 0L, 2, null, "", List.of(), false, java.util.Optional.empty());
      assertThat(hex(codec, value)).isEqualTo("01000200"); // the vector struct-skip
      assertThat(compilation.generated()).containsExactly("SkipsCodec.java");
    }
  }

  @Test
  void enumsAreTheirPlaceAndRefuseOthers() throws Exception {
    Compilation compilation =
        Compilation.good(
            folder,
            Compilation.source("@WireType public enum Color { RED, GREEN { }, BLUE }"),
            Compilation.source(
                "@WireType public record Colors(Set<Color> set, Map<Color, Color> map) {}"));
    try (URLClassLoader loader = compilation.loader()) {
      Object[] colors = loader.loadClass("test.Color").getEnumConstants();
      Codec<Object> codec = codec(loader, "ColorCodec");
      assertThat(hex(codec, colors[2])).isEqualTo("02");
      assertThatThrownBy(() -> read(codec, "03")).satisfies(kind(Kind.BAD_VARIANT));
      Object value =
          make(loader, "Colors", Set.of(colors[2], colors[0]), Map.of(colors[1], colors[2]));
      assertThat(hex(codec(loader, "ColorsCodec"), value)).isEqualTo("02000002" + "01000102");
    }
  }

  @Test
  void recordsAndVariantsAreKeysOrderedFieldByField() throws Exception {
    Compilation compilation =
        Compilation.good(
            folder,
            Compilation.source(
                """
                @WireType
                public record Keys(Map<Key, @U8 Integer> map) {
                  public sealed interface Key {}
                  public record Low(@U64 long a, short b) implements Key {}
                  public record High(Optional<String> text, List<@U8 Integer> list)
                      implements Key {}
                }
                """));
    try (URLClassLoader loader = compilation.loader()) {
      Map<Object, Object> map = new java.util.HashMap<>();
      map.put(make(loader, "Keys$High", java.util.Optional.of(""), List.of()), 6);
      map.put(make(loader, "Keys$High", java.util.Optional.empty(), List.of(2)), 5);
      map.put(make(loader, "Keys$High", java.util.Optional.empty(), List.of(1, 1)), 4);
      map.put(make(loader, "Keys$Low", -1L, (short) 1), 3);
      map.put(make(loader, "Keys$Low", -1L, (short) -1), 2);
      map.put(make(loader, "Keys$Low", 1L, (short) 5), 1);
      String hex = hex(codec(loader, "KeysCodec"), make(loader, "Keys", map));
      assertThat(hex)
          .isEqualTo(
              "0600"
                  + ("00" + "0100000000000000" + "0500" + "01")
                  + ("00" + "ffffffffffffffff" + "ffff" + "02")
                  + ("00" + "ffffffffffffffff" + "0100" + "03")
                  + ("01" + "00" + "02000101" + "04")
                  + ("01" + "00" + "010002" + "05")
                  + ("01" + "010000" + "0000" + "06"));
    }
  }

  @Test
  void typesThatHoldEachOtherAreReadAndEnd() throws Exception {
    Compilation compilation =
        Compilation.good(
            folder,
            Compilation.source(
                """
                @WireType
                public sealed interface Tree {
                  record Leaf(int value) implements Tree {}
                  record Node(List<Tree> children, Map<String, Forest> named) implements Tree {}
                }
                """),
            Compilation.source(
                "public record Forest(Optional<Tree> first, @Nullable Forest next) {}"));
    assertThat(compilation.generated())
        .containsExactly(
            "ForestCodec.java", "TreeCodec.java", "Tree_LeafCodec.java", "Tree_NodeCodec.java");
    try (URLClassLoader loader = compilation.loader()) {
      Codec<Object> codec = codec(loader, "TreeCodec");
      Object leaf = make(loader, "Tree$Leaf", 7);
      Object forest = make(loader, "Forest", java.util.Optional.of(leaf), null);
      Object twice = make(loader, "Forest", java.util.Optional.empty(), forest);
      Object node =
          make(loader, "Tree$Node", List.of(leaf, leaf), new TreeMap<>(Map.of("a", twice)));
      assertThat(hex(codec, node))
          .isEqualTo(
              "01"
                  + "0200"
                  + "0007000000"
                  + "0007000000"
                  + "0100"
                  + "010061"
                  + "00"
                  + "01"
                  + "01"
                  + "0007000000"
                  + "00");
      String deep = "010100".repeat(100_000);
      assertThatThrownBy(() -> read(codec, deep)).satisfies(kind(Kind.TOO_DEEP));
    }
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS)
  void codecsThatNeedEachOtherAreInitializedByTwoThreads() throws Exception {
    for (int i = 0; i < 20; i++) {
      Path here = Files.createDirectory(folder.resolve("n" + i));
      if (i == 0) {
        Compilation.good(
            here,
            Compilation.source("@WireType public record A(List<B> b, List<A> a) {}"),
            Compilation.source("public record B(List<A> a, List<B> b) {}"));
      }
      // Fresh classes each time.
      try (URLClassLoader loader =
          new Compilation(folder.resolve("n0"), List.of(), true).loader()) {
        CompletableFuture<?> a = CompletableFuture.runAsync(() -> initialize(loader, "ACodec"));
        CompletableFuture<?> b = CompletableFuture.runAsync(() -> initialize(loader, "BCodec"));
        CompletableFuture.allOf(a, b).get();
      }
    }
  }

  private static void initialize(ClassLoader loader, String name) {
    try {
      Class.forName("test." + name, true, loader);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void constructorThatRefusesIsARefusal() throws Exception {
    Compilation compilation =
        Compilation.good(
            folder,
            Compilation.source(
                """
                @WireType
                public record Percent(@U8 int value) {
                  public Percent {
                    if (value > 100) {
                      throw new IllegalArgumentException("over 100");
                    }
                  }
                }
                """));
    try (URLClassLoader loader = compilation.loader()) {
      Codec<Object> codec = codec(loader, "PercentCodec");
      assertThat(hex(codec, make(loader, "Percent", 100))).isEqualTo("64");
      assertThatThrownBy(() -> read(codec, "65"))
          .satisfies(kind(Kind.REFUSED))
          .hasRootCauseMessage("over 100");
    }
  }

  @Test
  void codecsOfOnesOwnAreFoundByTypeAndByName() throws Exception {
    Compilation compilation =
        Compilation.good(
            folder,
            Compilation.source(
                """
                public final class UuidCodec implements KeyCodec<UUID> {
                  public UuidCodec() {}
                  @Override public void write(WireWriter out, UUID value)
                      throws WireFormatException {
                    out.writeU64(value.getMostSignificantBits());
                    out.writeU64(value.getLeastSignificantBits());
                  }
                  @Override public UUID read(WireReader in) throws WireFormatException {
                    return new UUID(in.readU64(), in.readU64());
                  }
                  @Override public int compare(UUID a, UUID b) {
                    return a.toString().compareTo(b.toString());
                  }
                }
                """),
            Compilation.source(
                """
                public final class NegatedCodec implements Codec<Integer> {
                  public NegatedCodec() {}
                  @Override public void write(WireWriter out, Integer value)
                      throws WireFormatException {
                    out.writeI32(-value);
                  }
                  @Override public Integer read(WireReader in) throws WireFormatException {
                    if (in.remaining() == 3) {
                      throw new IllegalStateException();
                    }
                    return -in.readI32();
                  }
                }
                """),
            Compilation.source(
                """
                @WireType
                @WireCodecs(UuidCodec.class)
                public record Order(
                    UUID id, Set<UUID> others, @WireCodec(NegatedCodec.class) int n) {}
                """));
    try (URLClassLoader loader = compilation.loader()) {
      Codec<Object> codec = codec(loader, "OrderCodec");
      java.util.UUID id = new java.util.UUID(1, 2);
      assertThat(hex(codec, make(loader, "Order", id, Set.of(id), 1)))
          .isEqualTo(
              "01000000000000000200000000000000"
                  + "0100"
                  + "01000000000000000200000000000000"
                  + "ffffffff");
      assertThatThrownBy(() -> read(codec, "00".repeat(16) + "0000" + "000000"))
          .satisfies(kind(Kind.REFUSED));
    }
  }

  @Test
  void typesOfALibraryAreUsedWithTheirCodecs() throws Exception {
    Path library = Files.createDirectory(folder.resolve("library"));
    Path user = Files.createDirectory(folder.resolve("user"));
    Compilation.good(
        library,
        "package lib; @rs.jetstream.wire.WireType public record P(int i, double d) {}",
        "package lib; @rs.jetstream.wire.WireType public record K(int i) {}");
    Compilation compilation =
        Compilation.of(
            user,
            List.of(library),
            Compilation.source(
                "@WireType\npublic record R(List<lib.P> p, Map<lib.K, lib.P> m) {}"));
    assertThat(compilation.errors()).isEmpty();
    assertThat(compilation.generated()).containsExactly("RCodec.java");
    Compilation keys =
        Compilation.of(
            user,
            List.of(library),
            Compilation.source("@WireType public record S(Set<lib.P> p) {}"));
    assertThat(keys.errors()).singleElement().asString().contains("has no order on the wire");
  }

  @Test
  void sourceIsTheSameEveryTime() throws Exception {
    String[] sources = {
      Compilation.source("@WireType public record R(List<S> s, Map<String, S> m) {}"),
      Compilation.source("public record S(int i, Optional<String> text) {}")
    };
    Path first = Files.createDirectory(folder.resolve("first"));
    Path second = Files.createDirectory(folder.resolve("second"));
    for (String name : Compilation.good(first, sources).generated()) {
      Compilation.good(second, sources);
      assertThat(second.resolve("test").resolve(name))
          .hasSameTextualContentAs(first.resolve("test").resolve(name));
    }
  }

  private static java.util.function.Consumer<Throwable> kind(Kind kind) {
    return e ->
        assertThat(e)
            .isInstanceOfSatisfying(
                WireFormatException.class, w -> assertThat(w.kind()).isEqualTo(kind));
  }
}
