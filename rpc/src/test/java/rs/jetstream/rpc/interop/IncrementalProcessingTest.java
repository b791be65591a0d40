package rs.jetstream.rpc.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.TypeElement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.rpc.processor.JetStreamProcessor;

/**
 * What is generated depends on the types alone that it is said to come from: not on the order or
 * the round in which the compiler finds them, and not on what else is compiled with them.
 */
@Timeout(120)
final class IncrementalProcessingTest {
  private static final long SEED =
      Long.getLong("jetstream.test.seed", System.nanoTime() & 0xffff_ffffL);

  private static final String REGISTRY =
      Compilation.source("@WireCodecs(UuidCodec.class) public @interface Registry {}");
  private static final String UUID_CODEC =
      Compilation.source(
          """
          public final class UuidCodec implements KeyCodec<UUID> {
            public UuidCodec() {}
            @Override public void write(WireWriter out, UUID value) throws WireFormatException {
              out.writeU64(value.getMostSignificantBits());
            }
            @Override public UUID read(WireReader in) throws WireFormatException {
              return new UUID(in.readU64(), 0);
            }
            @Override public int compare(UUID a, UUID b) {
              return a.compareTo(b);
            }
          }
          """);
  private static final String SHAPE =
      Compilation.source(
          """
          @WireType
          public sealed interface Shape {
            @WireType
            record Round(@U32 long radius) implements Shape {}
            @WireType
            record Flat(Map<Color, Shape> parts) implements Shape {}
          }
          """);
  private static final String COLOR =
      Compilation.source("@WireType public enum Color { RED, GREEN }");
  private static final String PART =
      Compilation.source(
          """
          @WireType
          @Registry
          public record Part(UUID id, Optional<Part> next, Set<Color> colors, Shape.Flat flat) {}
          """);
  private static final String USER =
      Compilation.source(
          "@WireType public record User(Shape.Flat second, Shape.Round first, Part part) {}");
  private static final String FACTORY =
      Compilation.source(
          """
          @JetStreamService(version = "rs.jetstream.proto/factory/1.0.0")
          public interface Factory {
            Part make(Shape shape, @U16 int count) throws IOException;
            CompletionStage<List<Shape.Flat>> all(Map<String, User> users);
          }
          """);
  private static final String SHOP =
      Compilation.source(
          """
          @JetStreamService(version = "rs.jetstream.proto/shop/1.0.0")
          public interface Shop {
            Flow.Publisher<User> users(Color color);
            void buy(Part part, @Nullable Shape shape) throws IOException;
          }
          """);

  private static final List<String> SOURCES =
      List.of(REGISTRY, UUID_CODEC, SHAPE, COLOR, PART, USER, FACTORY, SHOP);

  @TempDir Path folder;

  private int compilations;

  private Path next() throws IOException {
    return Files.createDirectory(folder.resolve("n" + compilations++));
  }

  /** Name and text of all that is generated. */
  private static Map<String, String> generated(Compilation compilation) throws IOException {
    assertThat(compilation.errors()).isEmpty();
    Map<String, String> sources = new TreeMap<>();
    try (Stream<Path> files = Files.walk(compilation.folder())) {
      for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
        sources.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return sources;
  }

  private Map<String, String> compiled(List<String> sources) throws IOException {
    return generated(Compilation.of(next(), sources.toArray(String[]::new)));
  }

  @Test
  void generatedSourcesAreTheSameInWhateverOrder() throws Exception {
    System.out.printf("seed: -Djetstream.test.seed=%d%n", SEED);
    Map<String, String> expected = compiled(SOURCES);
    assertThat(expected).hasSize(14);
    List<String> shuffled = new ArrayList<>(SOURCES.reversed());
    Random random = new Random(SEED);
    for (int i = 0; i < 10; i++) {
      assertThat(compiled(shuffled)).as("seed %d, order %d", SEED, i).isEqualTo(expected);
      Collections.shuffle(shuffled, random);
    }
  }

  /** Writes sources in the first round, as another processor may. */
  private static final class Writing extends AbstractProcessor {
    private final Map<String, String> sources;
    private boolean done;

    Writing(Map<String, String> sources) {
      this.sources = sources;
    }

    @Override
    public SourceVersion getSupportedSourceVersion() {
      return SourceVersion.latest();
    }

    @Override
    public Set<String> getSupportedAnnotationTypes() {
      return Set.of("*");
    }

    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
      if (!done) {
        done = true;
        sources.forEach((name, text) -> {
          try (Writer out =
              processingEnv.getFiler().createSourceFile("test." + name).openWriter()) {
            out.write(text);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
      }
      return false;
    }
  }

  @Test
  void generatedSourcesAreTheSameWhicheverRoundTypesComeFrom() throws Exception {
    Map<String, String> expected = compiled(SOURCES);
    Map<String, String> some = Map.of("Part", PART, "Color", COLOR, "UuidCodec", UUID_CODEC);
    Map<String, String> others = Map.of("Shape", SHAPE, "User", USER, "Factory", FACTORY);
    for (Map<String, String> later : List.of(some, others)) {
      for (boolean first : new boolean[] {true, false}) {
        List<javax.annotation.processing.Processor> processors =
            new ArrayList<>(List.of(new Writing(later), new JetStreamProcessor()));
        if (!first) {
          Collections.reverse(processors);
        }
        String[] now =
            SOURCES.stream().filter(it -> !later.containsValue(it)).toArray(String[]::new);
        Map<String, String> found = generated(Compilation.of(next(), List.of(), processors, now));
        later.keySet().forEach(name -> found.remove(name + ".java"));
        assertThat(found).isEqualTo(expected);
      }
    }
  }

  @Test
  void oneTypeAloneIsProcessedAsWithAllOthers() throws Exception {
    Path all = next();
    Map<String, String> expected = generated(Compilation.of(all, SOURCES.toArray(String[]::new)));
    for (String source : List.of(SHAPE, COLOR, PART, USER, FACTORY, SHOP)) {
      Map<String, String> found = generated(Compilation.of(next(), List.of(all), source));
      assertThat(found).isNotEmpty();
      assertThat(expected).containsAllEntriesOf(found);
    }
  }

  @Test
  void everyFileComesFromItsTypeAlone() throws Exception {
    RecordingProcessor processor = new RecordingProcessor();
    Compilation compilation =
        Compilation.of(next(), List.of(), List.of(processor), SOURCES.toArray(String[]::new));
    assertThat(compilation.errors()).isEmpty();
    Map<String, List<String>> expected = new TreeMap<>();
    for (String type : List.of("Shape", "Color", "Part", "User")) {
      expected.put("test." + type + "Codec", List.of("test." + type));
    }
    for (String type : List.of("Round", "Flat")) {
      expected.put("test.Shape_" + type + "Codec", List.of("test.Shape." + type));
    }
    for (String type : List.of("Factory", "Shop")) {
      for (String suffix : List.of("Service", "Dispatcher", "Client", "AsyncClient")) {
        expected.put("test." + type + suffix, List.of("test." + type));
      }
    }
    assertThat(processor.origins).isEqualTo(expected);
  }

  @Test
  void codecThatAServiceAloneAsksForComesFromBoth() throws Exception {
    assertThat(
            origins(
                Compilation.source(
                    """
                    @JetStreamService(version = "rs.jetstream.proto/s/1.0.0")
                    public interface S {
                      void m(Plain plain) throws IOException;
                    }
                    """),
                Compilation.source("public record Plain(int i) {}")))
        .containsEntry("test.PlainCodec", List.of("test.Plain", "test.S"));
  }

  @Test
  void codecThatARegistryOfThePackageChangesComesFromBoth() throws Exception {
    assertThat(
            origins(
                UUID_CODEC,
                "@rs.jetstream.wire.WireCodecs(UuidCodec.class)\npackage test;\n",
                Compilation.source("@WireType public record R(List<UUID> ids) {}"),
                Compilation.source("@WireType public record Other(int i) {}")))
        .containsEntry("test.RCodec", List.of("test.R", "test"))
        .containsEntry("test.OtherCodec", List.of("test.Other"));
  }

  private Map<String, List<String>> origins(String... sources) throws IOException {
    RecordingProcessor processor = new RecordingProcessor();
    Compilation compilation = Compilation.of(next(), List.of(), List.of(processor), sources);
    assertThat(compilation.errors()).isEmpty();
    return processor.origins;
  }
}
