package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.quic.JetStreamException.Kind;

/** Names of files that are no text: Linux lets them be any bytes. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
@EnabledOnOs(OS.LINUX)
final class PathNamesTest {
  @TempDir Path folder;

  /** A directory with a byte in its name that is no UTF-8; no string names it. */
  private Path odd() throws Exception {
    Process made =
        new ProcessBuilder("sh", "-c", "mkdir -m 700 \"$(printf 'odd \\377')\"")
            .directory(folder.toFile())
            .start();
    assertThat(made.waitFor()).isZero();
    try (Stream<Path> found = Files.list(folder)) {
      return found.toList().getFirst();
    }
  }

  @Test
  void identityIsReadWhateverItsFileIsCalled() throws Exception {
    Path odd = odd();
    Path chain = Files.write(odd.resolve("chain.pem"), TestPki.CLIENT.certificatePem());
    Path key = Files.write(odd.resolve("key.pem"), TestPki.CLIENT.keyPem());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    TlsIdentity identity = TlsIdentity.ofPemFiles(chain, key);
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder.identity(identity))) {
      Loopback.connect(client, server).close();
    }
    Files.write(chain, new byte[100]);
    ConfigurationException e =
        catchThrowableOfType(
            ConfigurationException.class, () -> TlsIdentity.ofPemFiles(chain, key));
    assertThat(e.kind()).isEqualTo(Kind.BAD_CERTIFICATE);
    assertThat(e).hasMessageContaining(chain.toString());
  }

  /** Native code would write to a file of another name, and nobody would know. */
  @Test
  void fileThatNativeCodeCouldNotNameIsRefused() throws Exception {
    Path odd = odd();
    assertRefused("key log is " + odd, builder -> builder.dangerouslyLogKeys(odd.resolve("keys")));
    assertRefused("qlog is " + odd, builder -> builder.qlog(odd));
    try (Stream<Path> found = Files.list(folder)) {
      assertThat(found).as("nothing was made").containsExactly(odd);
    }
  }

  private static void assertRefused(String why, UnaryOperator<QuicClient.Builder> more) {
    assertThatThrownBy(() -> Loopback.client(more).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(why)
        .hasMessageContaining("must be a name in this JVM's encoding");
  }
}
