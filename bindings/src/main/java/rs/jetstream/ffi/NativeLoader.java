package rs.jetstream.ffi;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the library, makes a verified copy of the bundled one, and loads it for good.
 *
 * <p>The copy lies in a folder that only its owner can enter, under its SHA-256, which is compared
 * again before it is loaded: what another local user may have put there is never run.
 */
final class NativeLoader {
  static final String PATH_PROPERTY = "jetstream.native.path";
  static final String CACHE_PROPERTY = "jetstream.native.cache";

  private static final Set<java.nio.file.attribute.PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private NativeLoader() {}

  /** Loads the library and says from where. */
  static Path load() {
    List<String> tried = new ArrayList<>();
    String given = System.getProperty(PATH_PROPERTY);
    if (given != null) {
      Path path = Path.of(given).toAbsolutePath();
      try {
        return link(path);
      } catch (IllegalArgumentException | UnsatisfiedLinkError e) {
        tried.add("-D" + PATH_PROPERTY + "=" + given + ": " + reason(path, e));
        throw failed(
            tried, e, "point the property to the file that build-native.sh made, or remove it");
      } catch (IllegalCallerException e) {
        throw failed(List.of(String.valueOf(e.getMessage())), e, nativeAccess());
      }
    }
    try {
      return loadBundled();
    } catch (IOException
        | UncheckedIOException
        | IllegalArgumentException
        | UnsatisfiedLinkError e) {
      tried.add("the copy in the jar (" + resource() + "): " + e.getMessage());
      throw failed(
          tried,
          e,
          "use a jar with this platform's library, or run build-native.sh and set -D"
              + PATH_PROPERTY);
    } catch (IllegalCallerException e) {
      throw failed(List.of(String.valueOf(e.getMessage())), e, nativeAccess());
    }
  }

  private static String nativeAccess() {
    return "start java with --enable-native-access=rs.jetstream.ffi (ALL-UNNAMED on the class"
        + " path)";
  }

  private static String reason(Path path, Throwable e) {
    return Files.isRegularFile(path) ? String.valueOf(e.getMessage()) : "there is no such file";
  }

  private static UnsatisfiedLinkError failed(List<String> tried, Throwable cause, String fix) {
    UnsatisfiedLinkError error =
        new UnsatisfiedLinkError(
            "JetStream's native library cannot be loaded. Tried: "
                + String.join("; ", tried)
                + ". Fix: "
                + fix
                + ".");
    error.initCause(cause);
    return error;
  }

  private static Path link(Path path) {
    // The first keeps it in memory for as long as the process lives, the second makes it visible to
    // the bindings.
    SymbolLookup ignored = SymbolLookup.libraryLookup(path, Arena.global());
    System.load(path.toString());
    return path;
  }

  private static Path loadBundled() throws IOException {
    byte[] library;
    String digest;
    try (InputStream in = NativeLoader.class.getResourceAsStream(resource())) {
      if (in == null) {
        throw new IOException("not there for this platform");
      }
      library = in.readAllBytes();
    }
    try (InputStream in = NativeLoader.class.getResourceAsStream(resource() + ".sha256")) {
      if (in == null) {
        throw new IOException("its digest is not there");
      }
      digest = new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip().split("\\s", 2)[0];
    }
    if (!sha256(library).equals(digest)) {
      throw new IOException("its SHA-256 is not the one beside it: the jar is damaged");
    }
    Path copy = copy(library, digest, cache());
    try {
      return link(copy);
    } catch (UnsatisfiedLinkError e) {
      // Another class loader of this process has that file: this one gets a file of its own.
      Path own = Files.createTempDirectory("jetstream-native-");
      own.toFile().deleteOnExit();
      Path second = copy(library, digest, own);
      second.toFile().deleteOnExit();
      return link(second);
    }
  }

  /** The folder for copies: the property, else the user's cache, else a new one of this process. */
  private static Path cache() throws IOException {
    @Nullable String property = System.getProperty(CACHE_PROPERTY);
    @Nullable String xdg = System.getenv("XDG_CACHE_HOME");
    Path folder =
        property != null
            ? Path.of(property)
            : (xdg != null && !xdg.isEmpty()
                    ? Path.of(xdg)
                    : Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("jetstream")
                .resolve("native");
    try {
      Files.createDirectories(folder);
      if (ownerOnly(folder)) {
        return folder.toAbsolutePath();
      }
    } catch (IOException e) {
      if (property != null) {
        throw new IOException(
            "-D" + CACHE_PROPERTY + "=" + property + " cannot be used: " + e.getMessage(), e);
      }
    }
    if (property != null) {
      throw new IOException(
          "-D"
              + CACHE_PROPERTY
              + "="
              + property
              + " must be a folder of your own that others cannot write");
    }
    Path folderOfProcess = Files.createTempDirectory("jetstream-native-");
    folderOfProcess.toFile().deleteOnExit();
    return folderOfProcess;
  }

  private static boolean ownerOnly(Path folder) throws IOException {
    if (!Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      return true;
    }
    Files.setPosixFilePermissions(folder, OWNER_ONLY);
    return Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS)
        .equals(Files.getOwner(Path.of(System.getProperty("user.home"))));
  }

  private static Path copy(byte[] library, String digest, Path folder) throws IOException {
    Path target = folder.resolve(digest + "-" + System.mapLibraryName("jetstream_native"));
    if (Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)
        && sha256(Files.readAllBytes(target)).equals(digest)) {
      return target;
    }
    Path part = Files.createTempFile(folder, "part-", ".tmp");
    try {
      Files.write(part, library);
      // Another process may do the same at this moment: whichever is last, the bytes are the same.
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
    return target;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private static String resource() {
    return "/META-INF/native/" + classifier() + "/" + System.mapLibraryName("jetstream_native");
  }

  /** As os-maven-plugin spells it. */
  static String classifier() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String osName =
        os.startsWith("mac")
            ? "osx"
            : os.startsWith("linux") ? "linux" : os.replaceAll("[^a-z0-9]", "");
    String archName =
        switch (arch) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "aarch_64";
          default -> arch.replaceAll("[^a-z0-9]", "");
        };
    return osName + "-" + archName;
  }
}
