package rs.jetstream.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import rs.jetstream.quic.ConfigurationException;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.quic.TlsIdentity;
import rs.jetstream.quic.TlsTrust;

/** Test certificates in a folder of a test. */
final class Certs {
  final Path folder;

  Certs(Path folder) throws Exception {
    this.folder = folder;
    Path script = Path.of(System.getProperty("jetstream.home"), "certs", "generate_certs.sh");
    run(List.of("bash", script.toString(), folder.toString()));
  }

  static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(command + ": " + said);
    }
    return said;
  }

  String file(String name) {
    return folder.resolve(name).toString();
  }

  TlsIdentity identity(String name) throws ConfigurationException {
    return TlsIdentity.ofPemFiles(folder.resolve(name + ".crt"), folder.resolve(name + ".key"));
  }

  TlsTrust trust() throws ConfigurationException {
    return TlsTrust.ofPemFile(folder.resolve("ca.crt"));
  }

  QuicServer.Builder server() throws ConfigurationException {
    return QuicServer.builder().identity(identity("server")).trust(trust());
  }
}
