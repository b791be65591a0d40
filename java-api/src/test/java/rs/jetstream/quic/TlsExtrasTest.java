package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Exported keys, and the log of secrets. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class TlsExtrasTest {
  private static final TlsExporter TOKEN = new TlsExporter("EXPERIMENTAL token", 32);
  private static final TlsExporter OTHER =
      new TlsExporter("EXPERIMENTAL token", new byte[] {1}, 255);

  @TempDir Path folder;

  @Test
  void bothSidesExportTheSameKeysAndNoTwoConnectionsDo() throws Exception {
    try (QuicServer server = Loopback.server(b -> b.exporters(TOKEN, OTHER));
        QuicClient client = Loopback.client(b -> b.exporters(OTHER, TOKEN));
        QuicConnection first = Loopback.connect(client, server);
        QuicConnection firstAccepted = server.accept(Loopback.SOON);
        QuicConnection second = Loopback.connect(client, server);
        QuicConnection secondAccepted = server.accept(Loopback.SOON)) {
      byte[] token = first.exportedKey(TOKEN);
      assertThat(token).hasSize(32).isEqualTo(firstAccepted.exportedKey(TOKEN));
      assertThat(first.exportedKey(OTHER)).hasSize(255).isEqualTo(firstAccepted.exportedKey(OTHER));
      assertThat(second.exportedKey(TOKEN))
          .isEqualTo(secondAccepted.exportedKey(TOKEN))
          .isNotEqualTo(token);
      assertThatThrownBy(() -> first.exportedKey(new TlsExporter("EXPERIMENTAL other", 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("EXPERIMENTAL other");
    }
  }

  @Test
  void exportersHaveLegalLengths() {
    assertThatThrownBy(() -> new TlsExporter("", 1)).hasMessageContaining("label");
    assertThatThrownBy(() -> new TlsExporter("x".repeat(250), 1)).hasMessageContaining("label");
    assertThatThrownBy(() -> new TlsExporter("x", 0)).hasMessageContaining("length");
    assertThatThrownBy(() -> new TlsExporter("x", 256)).hasMessageContaining("length");
  }

  @Test
  void secretsAreLoggedOnlyWhereTheProgramSays() throws Exception {
    Path log = folder.resolve("keys with a space.log");
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient quiet = Loopback.client(builder -> builder);
        QuicClient client = Loopback.client(b -> b.dangerouslyLogKeys(log))) {
      Loopback.connect(quiet, server).close();
      assertThat(log).isEmptyFile();
      Loopback.connect(client, server).close();
      assertThat(Files.readAllLines(log))
          .hasSizeGreaterThanOrEqualTo(4)
          .allMatch(line -> line.matches("[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]{64,96}"))
          .anyMatch(line -> line.startsWith("CLIENT_TRAFFIC_SECRET_0 "));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(log)))
          .isEqualTo("rw-------");
    }
    assertThatThrownBy(
            () -> Loopback.client(b -> b.dangerouslyLogKeys(folder.resolve("none/keys"))))
        .isInstanceOf(ConnectionException.class)
        .hasMessageContaining("key log");
  }
}
