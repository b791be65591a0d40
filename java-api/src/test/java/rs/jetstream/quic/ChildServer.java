package rs.jetstream.quic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** A server that tests start as a process of its own, and what it finds there. */
final class ChildServer {
  private ChildServer() {}

  /** Runs {@code main} of a class of the tests. */
  static List<String> command(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Xshare:auto");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-cp");
    command.add(classPath());
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  private static String classPath() {
    String modules = System.getProperty("jdk.module.path", "");
    String all = System.getProperty("java.class.path", "");
    String tests =
        Path.of(ChildServer.class.getProtectionDomain().getCodeSource().getLocation().getPath())
            .toString();
    String separator = System.getProperty("path.separator");
    Path classes = Path.of(tests).resolveSibling("classes");
    return String.join(separator, tests, classes.toString(), modules, all);
  }

  /**
   * Files that only their owner can read: {@code chain}, {@code key} and {@code ca} of a server.
   */
  static void writeServerFiles(Path folder) throws IOException {
    write(folder.resolve("chain"), TestPki.SERVER.certificatePem());
    write(folder.resolve("key"), TestPki.SERVER.keyPem());
    write(folder.resolve("ca"), TestPki.CA.certificatePem());
  }

  static void write(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
    var _ = Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  /** A builder of the server whose files these are. */
  static QuicServer.Builder server(Path folder) throws IOException {
    return QuicServer.builder()
        .identity(TlsIdentity.ofPemFiles(folder.resolve("chain"), folder.resolve("key")))
        .trust(TlsTrust.ofPemFile(folder.resolve("ca")));
  }
}
