package rs.jetstream.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.ConfigurationException;
import rs.jetstream.quic.TlsIdentity;

/** The test certificates, made by {@code certs/generate_certs.sh}. */
final class DemoCertificates {
  /** The folder of the checkout; the launcher sets it. */
  private static final String HOME_PROPERTY = "jetstream.home";

  private final Path folder;

  private DemoCertificates(Path folder) {
    this.folder = folder;
  }

  /** Makes those that are missing or no longer good. */
  static DemoCertificates prepare(@Nullable Path chosen)
      throws IOException, DemoFailure, InterruptedException {
    String home = System.getProperty(HOME_PROPERTY);
    if (home == null) {
      if (chosen == null) {
        throw new DemoFailure(
            "there are no certificates: start the demo by ./jetstream, or name a folder that"
                + " generate_certs.sh made with --certs");
      }
      return new DemoCertificates(chosen.toAbsolutePath());
    }
    Path scripts = Path.of(home, "certs");
    Path folder = (chosen == null ? scripts.resolve("generated") : chosen).toAbsolutePath();
    generate(scripts.resolve("generate_certs.sh"), folder);
    return new DemoCertificates(folder);
  }

  private static void generate(Path script, Path folder)
      throws IOException, DemoFailure, InterruptedException {
    Process process =
        new ProcessBuilder(List.of("bash", script.toString(), folder.toString()))
            .redirectErrorStream(true)
            .start();
    try {
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new DemoFailure("certificates cannot be made: " + said.strip());
      }
    } finally {
      process.destroy();
    }
  }

  Path ca() {
    return folder.resolve("ca.crt");
  }

  TlsIdentity identity(String name) throws ConfigurationException {
    return TlsIdentity.ofPemFiles(folder.resolve(name + ".crt"), folder.resolve(name + ".key"));
  }

  /** The folder, short where it lies below the current one. */
  @Override
  public String toString() {
    Path here = Path.of("").toAbsolutePath();
    return (folder.startsWith(here) ? here.relativize(folder) : folder).toString();
  }
}
