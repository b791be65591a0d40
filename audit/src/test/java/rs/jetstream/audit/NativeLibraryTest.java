package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.ffi.NativeLibrary;
import rs.jetstream.quic.QuicServer;

/** The native library that is bundled in the jar. */
@Timeout(60)
final class NativeLibraryTest {
  private static final Repository REPOSITORY = Repository.ofBuild();

  @TempDir Path folder;

  // r[verify security.1.7]
  @Test
  void nothingOfTheLibrariesInItCanBeSeenFromOutside() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup library = SymbolLookup.libraryLookup(bundled(), arena);
      assertThat(library.find("jetstream_abi_version")).isPresent();
      for (String name :
          List.of(
              "s2n_init",
              "s2n_config_new",
              "s2n_connection_new",
              "SSL_new",
              "EVP_PKEY_new",
              "RAND_bytes",
              "CRYPTO_library_init",
              "OPENSSL_free",
              "BORINGSSL_self_test",
              "rust_eh_personality")) {
        assertThat(library.find(name)).as(name).isEmpty();
      }
    }
  }

  // r[verify security.1.7]
  @Test
  void itHoldsNoTestHook() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup library = SymbolLookup.libraryLookup(bundled(), arena);
      assertThat(library.find("jetstream_test_panic")).isEmpty();
    }
    byte[] bytes = Files.readAllBytes(bundled());
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    assertThat(text.contains("jetstream_endpoint")).as("the search works").isTrue();
    assertThat(text.contains("panic on demand")).isFalse();
  }

  // r[verify security.1.29]
  @Test
  void itReadsNoNameOfAKeyLogFromTheEnvironment() throws Exception {
    String text = Files.readString(bundled(), StandardCharsets.ISO_8859_1);
    assertThat(text.contains("SSLKEYLOGFILE")).isFalse();
  }

  // r[verify security.1.7]
  @Test
  void twoCopiesInOneProcessWorkSideBySide() throws Exception {
    Path certs = folder.resolve("certs");
    REPOSITORY.run(
        List.of("bash", REPOSITORY.file("certs/generate_certs.sh").toString(), certs.toString()));
    Path first = Files.copy(bundled(), folder.resolve("first" + extension()));
    Path second = Files.copy(bundled(), folder.resolve("second" + extension()));
    try (Copy one = new Copy(first, certs);
        Copy other = new Copy(second, certs)) {
      assertThat(one.ask("path")).isEqualTo(first.toString());
      assertThat(other.ask("path")).isEqualTo(second.toString());
      assertThat(one.ask("connect " + other.ask("port"))).isEqualTo("hello");
      assertThat(other.ask("connect " + one.ask("port"))).isEqualTo("hello");
      assertThat(one.ask("connect " + one.ask("port"))).isEqualTo("hello");
    }
  }

  /** The application of {@link CopyProbe}, in a class loader of its own. */
  private static final class Copy implements AutoCloseable {
    private final URLClassLoader loader;
    private final Object probe;

    Copy(Path library, Path certs) throws Exception {
      URL[] roots =
          Stream.of(QuicServer.class, NativeLibrary.class, NullMarked.class, CopyProbe.class)
              .map(it -> it.getProtectionDomain().getCodeSource().getLocation())
              .toArray(URL[]::new);
      loader = new URLClassLoader(roots, ClassLoader.getPlatformClassLoader());
      String property = "jetstream.native.path";
      System.setProperty(property, library.toString());
      try {
        probe =
            loader
                .loadClass(CopyProbe.class.getName())
                .getConstructor(Path.class)
                .newInstance(certs);
      } finally {
        System.clearProperty(property);
      }
    }

    @SuppressWarnings("unchecked")
    String ask(String what) {
      return ((UnaryOperator<String>) probe).apply(what);
    }

    @Override
    public void close() throws IOException {
      ask("close");
      loader.close();
    }
  }

  private static String extension() throws Exception {
    String name = bundled().getFileName().toString();
    return name.substring(name.lastIndexOf('.'));
  }

  private static Path bundled() throws Exception {
    try (Stream<Path> files =
        Files.walk(REPOSITORY.file("bindings/target/classes/META-INF/native"))) {
      return files.filter(it -> it.toString().matches(".*\\.(so|dylib)")).findFirst().orElseThrow();
    }
  }
}
