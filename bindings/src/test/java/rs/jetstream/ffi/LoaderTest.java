package rs.jetstream.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Finding and loading the library; a process loads it once, so each case has a JVM of its own. */
@Timeout(120)
final class LoaderTest {
  private static final String FILE = System.mapLibraryName("jetstream_native");

  @TempDir Path folder;

  @Test
  void bundledCopyIsExtractedForItsOwnerUnderItsDigest() throws Exception {
    assertThat(onClassPath(cache())).contains("available: true", "path: " + cached());
    Path parent = cached().getParent();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(parent)))
        .isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(parent)) {
      assertThat(files).containsExactly(cached());
    }
  }

  @Test
  void secondProcessTakesTheSameCopy() throws Exception {
    onClassPath(cache());
    Object first = Files.getAttribute(cached(), "unix:ino");
    onClassPath(cache());
    assertThat(Files.getAttribute(cached(), "unix:ino")).isEqualTo(first);
  }

  @Test
  void copyThatIsNotTheBundledLibraryIsReplaced() throws Exception {
    Files.createDirectories(cached().getParent());
    Files.writeString(cached(), "planted");
    assertThat(onClassPath(cache())).contains("available: true", "path: " + cached());
    assertThat(Files.readAllBytes(cached())).isEqualTo(library());
  }

  @Test
  void linkInPlaceOfTheCopyIsReplacedAndItsTargetUntouched() throws Exception {
    Path victim = Files.writeString(folder.resolve("victim"), "mine");
    Files.createDirectories(cached().getParent());
    Files.createSymbolicLink(cached(), victim);
    assertThat(onClassPath(cache())).contains("available: true");
    assertThat(Files.isSymbolicLink(cached())).isFalse();
    assertThat(victim).hasContent("mine");
  }

  @Test
  void cacheThatIsAFileIsNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("a-file"), "");
    assertRefused(
        onClassPath("-Djetstream.native.cache=" + file),
        "-Djetstream.native.cache=" + file + " cannot be used");
  }

  @Test
  void cacheThatOthersCanWriteIsRefusedAndLeftAsItIs() throws Exception {
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertRefused(
        onClassPath("-Djetstream.native.cache=" + open),
        "-Djetstream.native.cache=" + open + " must be a folder of your own");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(open)))
        .isEqualTo("rwxrwxrwx");
  }

  @Test
  void withoutAUsableCacheTheCopyGoesWithTheProcess() throws Exception {
    Path home = Files.writeString(folder.resolve("home"), "not a folder");
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    List<String> lines =
        onClassPath("-Duser.home=" + home, "-Djava.io.tmpdir=" + temporary, "without XDG");
    assertThat(lines).contains("available: true");
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void tenClassLoadersOfOneProcessLoadIt() throws Exception {
    List<String> lines = child(List.of(cache()), List.of(), "10");
    assertThat(lines).filteredOn("available: true"::equals).hasSize(10);
    assertThat(lines).filteredOn(line -> line.startsWith("path: ")).doesNotHaveDuplicates();
  }

  @Test
  void pathThatIsGivenIsTaken() throws Exception {
    Path given = Files.write(folder.resolve("given.so"), library());
    assertThat(onClassPath(path(given))).contains("available: true", "path: " + given);
  }

  @Test
  void missingFileIsNamed() throws Exception {
    Path missing = folder.resolve("missing.so");
    assertRefused(onClassPath(path(missing)), missing + ": there is no such file");
  }

  @Test
  void folderIsNamed() throws Exception {
    assertRefused(onClassPath(path(folder)), path(folder));
  }

  @Test
  void textFileIsNamed() throws Exception {
    Path text = Files.writeString(folder.resolve("text.so"), "#!/bin/sh\n".repeat(1000));
    assertRefused(onClassPath(path(text)), path(text));
  }

  @Test
  void truncatedLibraryIsNamedWhereverItEnds() throws Exception {
    byte[] whole = library();
    for (int size : new int[] {0, 10, 64, 5_000, whole.length / 2, whole.length - 1}) {
      Path cut = Files.write(folder.resolve(size + ".so"), Arrays.copyOf(whole, size));
      assertRefused(onClassPath(path(cut)), path(cut));
    }
  }

  @Test
  void libraryOfSomethingElseIsNamed() throws Exception {
    Path other = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("zip"));
    assertRefused(onClassPath(path(other)), other + " is not a native library of JetStream");
  }

  /** Wherever the linker of the system finds the flaw, it is told with the path. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void libraryOfAnotherMachineSystemOrReleaseIsNamed() throws Exception {
    byte[] otherMachine = library();
    // ELF: e_machine of a machine that nobody builds for any more.
    otherMachine[18] = 2;
    byte[] otherClass = library();
    otherClass[4] = 1; // 32 bits
    byte[] newerSystem = renamed("GLIBC_2.", "GLIBC_9.");
    byte[] otherRelease = renamed("jetstream_abi_version", "jetstream_abi_versioN");
    Map<String, byte[]> flawed =
        Map.of(
            "machine.so", otherMachine,
            "class.so", otherClass,
            "system.so", newerSystem,
            "release.so", otherRelease);
    for (Map.Entry<String, byte[]> it : flawed.entrySet()) {
      Path file = Files.write(folder.resolve(it.getKey()), it.getValue());
      assertRefused(onClassPath(path(file)), file.toString());
    }
  }

  /** The library with one text of its tables in place of another. */
  private static byte[] renamed(String from, String to) throws IOException {
    String text = new String(library(), StandardCharsets.ISO_8859_1);
    assertThat(text.contains(from)).as(from).isTrue();
    return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void deniedNativeAccessNamesTheOption() throws Exception {
    assumeTrue(Runtime.version().feature() >= 24, "--illegal-native-access is of JDK 24");
    List<String> denied = List.of("--illegal-native-access=deny", cache());
    List<String> classPath = child(denied, List.of());
    assertRefused(classPath, "start java with --enable-native-access=rs.jetstream.ffi");
    List<String> module =
        child(
            denied,
            List.of(
                "--module-path=" + root(NativeLibrary.class),
                "--patch-module=rs.jetstream.ffi=" + root(LoaderProbe.class),
                "--module=rs.jetstream.ffi/" + LoaderProbe.class.getName()));
    assertRefused(module, "start java with --enable-native-access=rs.jetstream.ffi");
  }

  private static void assertRefused(List<String> lines, String... parts) {
    assertThat(lines).contains("available: false");
    for (String start : new String[] {"cause: ", "thrown: "}) {
      assertThat(lines)
          .filteredOn(line -> line.startsWith(start))
          .singleElement()
          .asString()
          .contains("UnsatisfiedLinkError", "Tried: ", "Fix: ")
          .contains(parts);
    }
  }

  private static String path(Path file) {
    return "-Djetstream.native.path=" + file;
  }

  private String cache() {
    return "-Djetstream.native.cache=" + folder.resolve("cache");
  }

  /** Where the copy belongs. */
  private Path cached() throws IOException {
    String digest =
        new String(resource(FILE + ".sha256"), StandardCharsets.US_ASCII).split("\\s", 2)[0];
    return folder.resolve("cache").resolve(digest + "-" + FILE);
  }

  private static byte[] library() throws IOException {
    return resource(FILE);
  }

  private static byte[] resource(String file) throws IOException {
    String name = "/META-INF/native/" + NativeLoader.classifier() + "/" + file;
    try (InputStream in = NativeLibrary.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  private static List<String> onClassPath(String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--enable-native-access=ALL-UNNAMED");
    return child(all, List.of());
  }

  /** Runs {@link LoaderProbe}; its lines. */
  private static List<String> child(List<String> options, List<String> launch, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    boolean withoutXdg = options.contains("without XDG");
    options.stream().filter(option -> !option.equals("without XDG")).forEach(command::add);
    if (launch.isEmpty()) {
      command.add("-cp");
      command.add(root(NativeLibrary.class) + File.pathSeparator + root(LoaderProbe.class));
      command.add(LoaderProbe.class.getName());
    } else {
      command.addAll(launch);
    }
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    if (withoutXdg) {
      builder.environment().remove("XDG_CACHE_HOME");
    }
    Process process = builder.start();
    List<String> lines;
    try (var reader = process.inputReader()) {
      lines = reader.lines().toList();
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("%s%n%s", command, String.join("\n", lines)).isZero();
    return lines;
  }

  /** The folder of classes that a class comes from, also when it is patched into a module. */
  private static Path root(Class<?> type) throws URISyntaxException {
    Path file = Path.of(type.getResource(type.getSimpleName() + ".class").toURI());
    int depth = type.getName().split("\\.", -1).length;
    for (int i = 0; i < depth; i++) {
      file = file.getParent();
    }
    return file;
  }
}
