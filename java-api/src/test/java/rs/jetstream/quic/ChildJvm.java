package rs.jetstream.quic;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import rs.jetstream.ffi.NativeLibrary;

/** A process of its own, for what a test could not survive; it ends with this, however it fares. */
final class ChildJvm implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 90;

  private final Path folder;
  private final Process process;
  private final BufferedReader out;
  private final Writer in;
  private final List<String> lines = new ArrayList<>();

  /**
   * Runs {@code main} with {@code folder} as its argument, where it works and may leave a crash
   * file.
   */
  ChildJvm(Path folder, Class<?> main, String... options) throws IOException {
    this.folder = folder;
    process =
        new ProcessBuilder(command(main, List.of(options), folder))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    out = process.inputReader(StandardCharsets.UTF_8);
    in = process.outputWriter(StandardCharsets.US_ASCII);
    // A read of its output cannot be interrupted.
    CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .execute(process::destroyForcibly);
  }

  /** How to start {@code main} with the classes of the tests. */
  static List<String> command(Class<?> main, List<String> options, Path argument) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options);
    command.add("-cp");
    command.add(
        String.join(
            File.pathSeparator,
            Stream.of(QuicServer.class, NativeLibrary.class, main, NullMarked.class)
                .map(ChildJvm::root)
                .toList()));
    command.add(main.getName());
    command.add(argument.toString());
    return command;
  }

  private static String root(Class<?> of) {
    try {
      return Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** Lays certificates and keys of a server and a client there. */
  static void writePki(Path folder) throws IOException {
    Files.write(folder.resolve("ca.crt"), TestPki.CA.certificatePem());
    write(folder, "server", TestPki.SERVER);
    write(folder, "client", TestPki.CLIENT);
  }

  private static void write(Path folder, String name, TestPki.Party party) throws IOException {
    Files.write(folder.resolve(name + ".crt"), party.certificatePem());
    Path key = Files.write(folder.resolve(name + ".key"), party.keyPem());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
  }

  long pid() {
    return process.pid();
  }

  void tell(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
  }

  /** Reads up to the line that begins with {@code start}, and returns it. */
  String until(String start) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      lines.add(line);
      if (line.startsWith(start)) {
        return line;
      }
    }
    throw new AssertionError("no line began with '" + start + "':\n" + said());
  }

  /** Waits for its end; its exit code. */
  int end() throws IOException, InterruptedException {
    out.lines().forEach(lines::add);
    return process.waitFor();
  }

  /** All that was read. */
  String said() {
    return String.join("\n", lines);
  }

  /** Names of the crash files that it left. */
  List<String> crashFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("hs_err") || name.startsWith("core"))
          .toList();
    }
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    in.close();
    out.close();
  }
}
