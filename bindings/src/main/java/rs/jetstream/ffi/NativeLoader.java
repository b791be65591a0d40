package rs.jetstream.ffi;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
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
 * <p>The copy lies in a folder that only its owner can write, under its SHA-256, which is compared
 * again before it is loaded: what another local user may have put there is never run.
 */
final class NativeLoader {
  static final String PATH_PROPERTY = "jetstream.native.path";
  static final String CACHE_PROPERTY = "jetstream.native.cache";

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private NativeLoader() {}

  /** Loads the library and says from where. */
  static Path load() {
    List<String> tried = new ArrayList<>();
    String given = System.getProperty(PATH_PROPERTY);
    if (given != null) {
      try {
        return link(Path.of(given).toAbsolutePath());
      } catch (IllegalArgumentException | UnsatisfiedLinkError e) {
        tried.add("-D" + PATH_PROPERTY + "=" + given + ": " + reason(given, e));
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

  private static String reason(String given, Throwable e) {
    // What is no path at all says so itself.
    return e instanceof InvalidPathException || new File(given).isFile()
        ? String.valueOf(e.getMessage())
        : "there is no such file";
  }

  static UnsatisfiedLinkError failed(List<String> tried, @Nullable Throwable cause, String fix) {
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
    requireWhole(path);
    // The first makes it visible to the bindings, and tells why it cannot be; the second keeps it
    // in
    // memory for as long as the process lives.
    System.load(path.toString());
    SymbolLookup ignored = SymbolLookup.libraryLookup(path, Arena.global());
    return path;
  }

  /**
   * Refuses an ELF file that is cut off: the dynamic linker maps it without a look at its size, and
   * the first touch of what is missing ends the JVM with SIGBUS. The section headers come last.
   */
  private static void requireWhole(Path path) {
    ByteBuffer header = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel file = FileChannel.open(path)) {
      while (header.hasRemaining() && file.read(header) >= 0) {}
      boolean elf64 =
          !header.hasRemaining() && header.getInt(0) == 0x464c457f && header.get(4) == 2;
      if (elf64) {
        int sections = Short.toUnsignedInt(header.getShort(60));
        long end = header.getLong(40) + (long) sections * header.getShort(58);
        if (end > file.size()) {
          throw new UnsatisfiedLinkError("is cut off: " + file.size() + " of " + end + " bytes");
        }
      }
    } catch (IOException e) {
      // Whatever it is, the dynamic linker has words for it.
    }
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
    Path cache = cache();
    if (cache != null) {
      Path copy = copy(library, digest, cache);
      try {
        return link(copy);
      } catch (UnsatisfiedLinkError e) {
        // Another class loader of this process has that file, or nothing may run from that folder:
        // this one gets a file of its own.
      }
    }
    Path own = Files.createTempDirectory("jetstream-native-");
    own.toFile().deleteOnExit();
    Path copy = own.resolve(System.mapLibraryName("jetstream_native"));
    copy.toFile().deleteOnExit();
    Files.write(copy, library);
    return link(copy);
  }

  /** The folder for copies: the property, else the user's cache; null when that cannot be used. */
  private static @Nullable Path cache() throws IOException {
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
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder);
        if (isPosix(folder)) {
          Files.setPosixFilePermissions(folder, OWNER_ONLY);
        }
      }
      if (isOwn(folder)) {
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
    return null;
  }

  private static boolean isPosix(Path folder) throws IOException {
    return Files.getFileStore(folder).supportsFileAttributeView("posix");
  }

  /**
   * Whether it is this user's, and no one else can write there. A folder that was there is left as
   * it is.
   */
  private static boolean isOwn(Path folder) throws IOException {
    if (!isPosix(folder)) {
      return true;
    }
    // Not the owner of user.home: in a container that may be anyone.
    Path probe = Files.createTempFile(folder, "part-", ".tmp");
    try {
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(folder);
      return Files.getOwner(folder).equals(Files.getOwner(probe))
          && !mode.contains(PosixFilePermission.GROUP_WRITE)
          && !mode.contains(PosixFilePermission.OTHERS_WRITE);
    } finally {
      Files.delete(probe);
    }
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
