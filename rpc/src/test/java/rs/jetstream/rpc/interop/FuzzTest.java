package rs.jetstream.rpc.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.Codecs;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.Vectors;
import rs.jetstream.wire.VersionMessage;

/** Jazzer on every decoder, for a while, from the bytes of Rust; seeds and finds are printed. */
final class FuzzTest {
  private static final int SECONDS = Integer.getInteger("jetstream.fuzz.seconds", 15);
  private static final Pattern PROGRESS =
      Pattern.compile("#(\\d+)\\s+(INITED|NEW|REDUCE|pulse|DONE)\\s+cov: (\\d+) ft: (\\d+)");

  /** Where the types of the vectors are decoded; those of frames by their ids. */
  private static final Map<String, Codec<?>> DECODERS =
      Map.ofEntries(
          Map.entry("String", Codecs.STRING),
          Map.entry("Data", Codecs.DATA),
          Map.entry("Vec<u8>", Codecs.BYTES),
          Map.entry("IpAddr", Codecs.IP),
          Map.entry("SocketAddr", Codecs.SOCKET),
          Map.entry("SystemTime", Codecs.INSTANT),
          Map.entry("bool", Codecs.BOOL),
          Map.entry("u64", Codecs.U64),
          Map.entry("f64", Codecs.F64),
          Map.entry("P9String", Codecs.P9_STRING));

  @TempDir Path folder;

  // r[verify security.1.23]
  @Test
  @Timeout(180)
  void decodersGiveAValueOrRefuseWhateverTheyAreGiven() throws Exception {
    Path seeds = Files.createDirectory(folder.resolve("seeds"));
    int count = seeds(seeds);
    assertThat(count).isGreaterThan(60);

    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+EnableDynamicAgentLoading",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("jdk.module.path")
                    + java.io.File.pathSeparator
                    + System.getProperty("surefire.test.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + DecoderFuzzer.class.getName(),
                "--instrumentation_includes=rs.jetstream.wire.**:rs.jetstream.rpc.interop.**",
                "--custom_hook_includes=none.**",
                "--disabled_hooks=*",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-max_total_time=" + SECONDS,
                "-max_len=2048",
                "-rss_limit_mb=0",
                Files.createDirectory(folder.resolve("corpus")).toString(),
                seeds.toString()));
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    int exit;
    try {
      exit = process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    String output = Files.readString(log);
    assertThat(exit).as("%s", output).isZero();

    List<long[]> progress = new ArrayList<>();
    Matcher matcher = PROGRESS.matcher(output);
    while (matcher.find()) {
      progress.add(
          new long[] {
            Long.parseLong(matcher.group(1)),
            Long.parseLong(matcher.group(3)),
            Long.parseLong(matcher.group(4))
          });
    }
    assertThat(progress).as("%s", output).hasSizeGreaterThan(2);
    long[] first = progress.getFirst();
    long[] last = progress.getLast();
    System.out.printf(
        "fuzzed %d inputs from %d seeds: coverage %d -> %d, features %d -> %d%n",
        last[0], count, first[1], last[1], first[2], last[2]);
    // Without instrumentation there is none, and nothing grows.
    assertThat(first[1]).isGreaterThan(200);
    assertThat(last[2]).isGreaterThan(first[2]);
    assertThat(last[0]).isGreaterThan(1_000);
  }

  private static int seeds(Path folder) throws Exception {
    int count = 0;
    for (Vectors.Vector vector : Vectors.values()) {
      if (vector.encodeRejects()) {
        continue;
      }
      byte[] bytes = vector.bytes();
      Codec<?> codec = DECODERS.get(vector.type());
      if (vector.type().startsWith("Shape")) {
        codec = ShapeCodec.INSTANCE;
      } else if (vector.type().startsWith("Everything")) {
        codec = EverythingCodec.INSTANCE;
      } else if (vector.type().startsWith("Error")) {
        codec = ErrorMessage.CODEC;
      } else if (vector.type().equals("Url")) {
        codec = Codecs.URL;
      } else if (vector.type().startsWith("Frame") && bytes.length >= 7) {
        int type = bytes[4] & 0xff;
        var method = InteropService.DESCRIPTOR.method(type & ~1);
        codec =
            type == 100 || type == 101
                ? VersionMessage.CODEC
                : method == null ? null : (type & 1) == 0 ? method.arguments() : method.result();
        bytes = java.util.Arrays.copyOfRange(bytes, 7, bytes.length);
      }
      int index = codec == null ? -1 : DecoderFuzzer.DECODERS.indexOf(codec);
      if (index >= 0 && bytes.length < 2048) {
        byte[] seed =
            HexFormat.of()
                .parseHex(
                    HexFormat.of().toHexDigits((byte) index) + HexFormat.of().formatHex(bytes));
        Files.write(folder.resolve(vector.name()), seed);
        count++;
      }
    }
    return count;
  }
}
