package rs.jetstream.cli.rust;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What nobody writes ends soon, and as an error that says where. */
@Timeout(60)
final class HostileRustTest {
  private static final int LARGE = RustSource.MAX_BYTES;

  /** A problem with its line, or that there are more. */
  private static final Pattern PLACED = Pattern.compile("(?s)a\\.rs:(\\d+):\\d+: .+|and \\d+ more");

  private static final String DERIVE = "#[derive(JetStreamWireFormat)] ";

  @TempDir Path folder;

  private static String large(String part) {
    return part.repeat(LARGE / part.length() - 100 / part.length() - 1);
  }

  private static String numbered(String head, String part, int count, String tail) {
    StringBuilder text = new StringBuilder(head);
    for (int i = 0; i < count; i++) {
      text.append(part.replace("##", "" + i).replace("#+", "" + (i + 1)));
    }
    return text.append(tail).toString();
  }

  static List<String> sources() {
    return List.of(
        large("("),
        large(")"),
        large("([{"),
        large("/*"),
        large("\""),
        large("'"),
        large("#["),
        large("#![a]"),
        large("pub "),
        large("struct "),
        large("::a"),
        "\0",
        "r" + large("#") + "\"",
        "'\\u{" + large("1"),
        DERIVE + "struct A { a: " + "(".repeat(300_000) + ")".repeat(300_000) + "}",
        DERIVE + "struct A { a: " + large("Vec<") + "}",
        DERIVE + "struct A { a: " + large("&") + "}",
        DERIVE + "struct A { a: " + large("a::") + "}",
        DERIVE + "struct " + "_".repeat(500_000) + "{ " + "_".repeat(400_000) + ": u8 }",
        "mod a {".repeat(100_000) + "}".repeat(100_000),
        "#[service] trait A { async fn a(" + large("&") + ") -> Result<()>; }",
        numbered("", "type A## = (A#+, A#+);", 10_000, DERIVE + "struct A { a: A0 }"),
        numbered("", DERIVE + "struct A##{a:A#+}", 15_000, ""),
        numbered(DERIVE + "struct A15000{a:A0}", DERIVE + "struct A##{a:A#+}", 15_000, ""),
        numbered(DERIVE + "enum A {", "A##((u8,u8)),", 50_000, "}"),
        numbered(DERIVE + "struct A {", "a##:&u8,", 80_000, "}"),
        numbered("#[service] trait A {", "async fn a##(&self)->Result<()>;", 20_000, "}"));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("sources")
  void whatNobodyWritesIsRefusedWithItsPlace(String text) {
    assertThat(Imports.problems(Imports.source(text)))
        .isNotEmpty()
        .hasSizeLessThanOrEqualTo(Problems.MOST + 1)
        .allSatisfy(it -> assertThat(it).hasSizeLessThan(500))
        .first()
        .asString()
        .matches("a\\.rs:\\d+:\\d+: .+");
  }

  @Test
  void aSourceThatIsTooLargeIsNotEvenHeld() throws Exception {
    Path file = folder.resolve("large.rs");
    Files.write(file, new byte[10 << 20]);
    RustSource source = RustSource.read(file);
    assertThat(source.bytes()).hasSize(LARGE + 1);
    assertThat(Imports.problems(source))
        .singleElement()
        .asString()
        .contains("at most 1048576 bytes");
  }

  @Test
  void whatIsNotUtf8IsRefusedWithItsPlace() {
    byte[] bytes = "fn a() {}\nfn b() { \"?\" }".getBytes(StandardCharsets.ISO_8859_1);
    bytes[20] = (byte) 0xe4;
    assertThat(Imports.problems(new RustSource(Path.of("a.rs"), "a.rs", bytes)))
        .singleElement()
        .asString()
        .startsWith("a.rs:2:11: not UTF-8");
  }

  /** Sources with nothing wrong: one that has everything, and those of a real Rust end. */
  static List<String> goodSources() throws IOException {
    Path peer = Path.of("..", "interop", "jetstream-peer", "src");
    return List.of(
        ImportedRustTest.SOURCE,
        Files.readString(peer.resolve("types.rs")) + Files.readString(peer.resolve("service.rs")));
  }

  /** Imports a damaged source; whether it was refused. Every refusal says where. */
  private static boolean isRefused(String text) {
    List<String> problems = Imports.problems(Imports.source(text));
    long lines = text.lines().count() + 1;
    assertThat(problems)
        .as(text)
        .hasSizeLessThanOrEqualTo(Problems.MOST + 1)
        .allSatisfy(it -> assertThat(it).matches(PLACED))
        .allSatisfy(it -> assertThat(line(it)).isBetween(1L, lines));
    return !problems.isEmpty();
  }

  /** The line of a problem; that more than 20 are there is said of the whole. */
  private static long line(String problem) {
    Matcher matcher = PLACED.matcher(problem);
    return matcher.matches() && matcher.group(1) != null ? Long.parseLong(matcher.group(1)) : 1;
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("goodSources")
  void everyBeginningOfASourceIsImportedOrRefusedWithItsLine(String source) {
    assertThat(isRefused(source)).isFalse();
    int refused = 0;
    for (int end = 0; end < source.length(); end++) {
      refused += isRefused(source.substring(0, end)) ? 1 : 0;
    }
    assertThat(refused).isGreaterThan(source.length() / 2);
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("goodSources")
  void linesThatEndAsOnWindowsMakeNoDifference(String source) throws Exception {
    assertThat(Imports.files(source.replace("\n", "\r\n"))).isEqualTo(Imports.files(source));
    String bad = "\r\n\r\n#[derive(JetStreamWireFormat)]\r\nstruct A { a: &u8 }";
    assertThat(Imports.problems(Imports.source(bad)))
        .singleElement()
        .asString()
        .startsWith("a.rs:4:");
  }

  /** Whatever is cut, doubled or overwritten in a good source, it is imported or refused. */
  @ParameterizedTest(name = "{index}")
  @MethodSource("goodSources")
  void damagedSourcesAreImportedOrRefusedWithTheirLine(String source) {
    long seed = Long.getLong("jetstream.test.seed", System.nanoTime() & 0xffff_ffffL);
    System.out.printf("seed: -Djetstream.test.seed=%d%n", seed);
    Random random = new Random(seed);
    String marks = "<>(){}[],;:'\"#!&*/-=|r_a0\\\n\u00e9";
    int refused = 0;
    for (int i = 0; i < 5000; i++) {
      StringBuilder text = new StringBuilder(source);
      for (int j = random.nextInt(4); j >= 0; j--) {
        int at = random.nextInt(text.length());
        int end = Math.min(text.length(), at + random.nextInt(20));
        switch (random.nextInt(3)) {
          case 0 -> text.delete(at, end);
          case 1 -> text.insert(at, text.substring(at, end));
          default -> text.setCharAt(at, marks.charAt(random.nextInt(marks.length())));
        }
      }
      refused += isRefused(text.toString()) ? 1 : 0;
    }
    assertThat(refused).isBetween(500, 4900);
  }
}
