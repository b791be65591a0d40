package rs.jetstream.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;

final class BundledLibraryTest {
  @Test
  void libraryOfThisPlatformLiesBesideItsDigest() throws IOException, GeneralSecurityException {
    byte[] library = resource(System.mapLibraryName("jetstream_native"));
    byte[] digest = resource(System.mapLibraryName("jetstream_native") + ".sha256");
    assertThat(new String(digest, StandardCharsets.US_ASCII))
        .startsWith(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(library)));
  }

  private static byte[] resource(String file) throws IOException {
    boolean mac = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac");
    String arch = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
    String name = "/META-INF/native/" + (mac ? "osx-" : "linux-") + arch + "/" + file;
    try (InputStream in = BundledLibraryTest.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    }
  }
}
