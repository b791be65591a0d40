package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.misc.MiscObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rs.jetstream.ffi.NativeLibrary;

/** Keys in a real PKCS#11 token, that of SoftHSM 2, through the JDK's own provider. */
@Timeout(180)
final class TokenKeyTest {
  /** Where distributions put it: Debian, Fedora, Homebrew, and who builds it. */
  private static final List<String> LIBRARIES =
      List.of(
          "/usr/lib/softhsm/libsofthsm2.so",
          "/usr/lib64/pkcs11/libsofthsm2.so",
          "/usr/lib64/softhsm/libsofthsm2.so",
          "/opt/homebrew/lib/softhsm/libsofthsm2.so",
          "/usr/local/lib/softhsm/libsofthsm2.so");

  @TempDir Path folder;

  private Process holder;
  private Writer tell;
  private BufferedReader told;

  @BeforeEach
  void start() throws Exception {
    Optional<Path> library =
        LIBRARIES.stream().map(Path::of).filter(Files::isRegularFile).findFirst();
    Optional<Path> tool = tool("softhsm2-util");
    assumeTrue(
        library.isPresent() && tool.isPresent(),
        "skipped: SoftHSM is not installed (package softhsm2)");
    Path tokens = Files.createDirectory(folder.resolve("tokens"));
    Files.writeString(
        folder.resolve("softhsm2.conf"),
        "directories.tokendir = " + tokens + "\nlog.level = ERROR\n");
    String pin = new String(TokenHolder.PIN);
    Process made =
        start(
            tool.get().toString(),
            "--init-token",
            "--free",
            "--label",
            "TEST ONLY",
            "--pin",
            pin,
            "--so-pin",
            pin);
    made.getInputStream().transferTo(System.out);
    assertThat(made.waitFor()).isZero();
    holder =
        start(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx128m",
            "-cp",
            ClassPath.of(
                QuicServer.class,
                NativeLibrary.class,
                TokenHolder.class,
                NullMarked.class,
                X500Name.class,
                MiscObjectIdentifiers.class,
                JcaX509v3CertificateBuilder.class),
            TokenHolder.class.getName(),
            library.get().toString());
    tell = holder.outputWriter(StandardCharsets.US_ASCII);
    told = holder.inputReader(StandardCharsets.UTF_8);
  }

  @AfterEach
  void stop() throws Exception {
    if (holder != null) {
      tell.close();
      assertThat(holder.waitFor()).isZero();
      told.close();
    }
  }

  // r[verify security.1.15]
  @ParameterizedTest
  @CsvSource({"EC, 256, ecdsa_secp256r1", "RSA, 2048, rsa_pss_rsae"})
  void bothSidesOfManyParallelHandshakesSignInTheToken(String algorithm, int bits, String scheme)
      throws Exception {
    make(algorithm, bits);
    assertThat(ask("open " + algorithm)).isEqualTo("open");
    assertThat(ask("connect 50 8"))
        .matches("\\{O=TEST ONLY,CN=client=50, " + scheme + "_sha\\d+=50}");
  }

  @ParameterizedTest
  @CsvSource({"EC, 256", "RSA, 2048"})
  void tokenThatIsLoggedOutFailsHandshakesAndNothingElse(String algorithm, int bits)
      throws Exception {
    make(algorithm, bits);
    ask("open " + algorithm);
    assertThat(ask("connect 1 1")).contains("CN=client=1");
    ask("logout");
    assertThat(ask("fail")).startsWith("HANDSHAKE_REFUSED").contains("CKR_");
    assertThat(ask("fail")).startsWith("HANDSHAKE_REFUSED").contains("CKR_");
    assertThat(ask("reload " + algorithm)).isEqualTo("reloaded");
    assertThat(ask("connect 1 1")).contains("CN=client=1");
  }

  private void make(String algorithm, int bits) throws IOException {
    assertThat(ask("make " + algorithm + " " + bits))
        .isEqualTo("client%s server%s", algorithm, algorithm);
    assertThat(ask("show server" + algorithm))
        .startsWith("true true ")
        .contains("sensitive", "unextractable", bits + " bits");
  }

  private String ask(String what) throws IOException {
    tell.write(what + "\n");
    tell.flush();
    String answer = told.readLine();
    assertThat(answer).as("answer to " + what).isNotNull();
    return answer;
  }

  private Process start(String... command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("SOFTHSM2_CONF", folder.resolve("softhsm2.conf").toString());
    return builder.start();
  }

  private static Optional<Path> tool(String name) {
    String path = System.getenv("PATH");
    return Arrays.stream((path == null ? "" : path).split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry, name))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
