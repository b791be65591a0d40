package rs.jetstream.quic;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.GeneralName;

/**
 * JetStream's Rust ends as a process, which ends with {@link #close()} at the latest; see
 * interop/jetstream-peer/README.md. Public for the tests in another package.
 */
public final class JetStreamPeer implements AutoCloseable {
  private static final long PATIENCE_S = 60;
  private static final TestPki.Party CLIENT =
      TestPki.client(
          TestPki.CA,
          "named client",
          new GeneralName(GeneralName.dNSName, "client.example"),
          new GeneralName(GeneralName.iPAddress, "192.0.2.7"),
          new GeneralName(GeneralName.rfc822Name, "client@example.org"),
          new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://example.org/client"));

  private final Process process;
  private final BufferedReader output;

  private JetStreamPeer(Path directory, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("jetstream.test.jetstream-peer"));
    command.addAll(arguments);
    process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectError(directory.resolve("stderr.txt").toFile())
            .start();
    output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** What a Java server shows, and whom it lets in. */
  public static QuicServer.Builder javaServer() {
    return QuicServer.builder().identity(TestPki.SERVER.identity()).trust(TestPki.CA.trust());
  }

  /** What a Java client shows, and whom it believes. */
  public static QuicClient.Builder javaClient() {
    return QuicClient.builder().identity(CLIENT.identity()).trust(TestPki.CA.trust());
  }

  /** A server, with further arguments. */
  public static JetStreamPeer server(Path directory, String... more) throws IOException {
    QuinnPeer.write(directory, "server", TestPki.SERVER);
    QuinnPeer.write(directory, "ca", TestPki.CA);
    List<String> arguments = new ArrayList<>(List.of("server"));
    arguments.addAll(List.of("--cert", "server.crt", "--key", "server.key", "--ca", "ca.crt"));
    arguments.addAll(List.of(more));
    return new JetStreamPeer(directory, arguments);
  }

  /** Runs a client to its end, and gives the one line of JSON that it prints. */
  public static String client(Path directory, InetSocketAddress server, String... more)
      throws Exception {
    return run("client", directory, server, more);
  }

  /** As {@link #client}, of many calls on one lane. */
  public static String storm(Path directory, InetSocketAddress server, String... more)
      throws Exception {
    return run("storm", directory, server, more);
  }

  private static String run(String role, Path directory, InetSocketAddress server, String... more)
      throws Exception {
    QuinnPeer.write(directory, "client", CLIENT);
    QuinnPeer.write(directory, "ca", TestPki.CA);
    List<String> arguments = new ArrayList<>(List.of(role, "--connect"));
    arguments.add(server.getAddress().getHostAddress() + ":" + server.getPort());
    arguments.addAll(List.of("--cert", "client.crt", "--key", "client.key", "--ca", "ca.crt"));
    arguments.addAll(List.of(more));
    if (!arguments.contains("--timeout-seconds")) {
      arguments.addAll(List.of("--timeout-seconds", "" + PATIENCE_S));
    }
    try (JetStreamPeer peer = new JetStreamPeer(directory, arguments)) {
      String json = peer.output.readLine();
      if (json == null) {
        throw new AssertionError(
            "jetstream-peer said nothing: " + Files.readString(directory.resolve("stderr.txt")));
      }
      return json;
    }
  }

  /** Waits for a server to say where it listens. */
  public InetSocketAddress address() throws IOException {
    String line = output.readLine();
    if (line == null || !line.startsWith("listening 127.0.0.1:")) {
      throw new AssertionError("jetstream-peer said " + line);
    }
    int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** The version text of a server's service, said after the address. */
  public String version() throws IOException {
    String line = output.readLine();
    if (line == null || !line.startsWith("version ")) {
      throw new AssertionError("jetstream-peer said " + line);
    }
    return line.substring("version ".length());
  }

  /** The process, to be looked at. */
  public ProcessHandle process() {
    return process.toHandle();
  }

  @Override
  public void close() throws IOException {
    try {
      process.getOutputStream().close(); // ends a server
      if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
        throw new AssertionError("jetstream-peer goes on without standard input");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
      output.close();
    }
  }
}
