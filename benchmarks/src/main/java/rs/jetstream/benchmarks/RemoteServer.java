package rs.jetstream.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A server that is a process of its own, so that what JMH sees allocated in this one is this side's
 * alone.
 *
 * <p>Needs {@code -Djetstream.benchmarks.certs=}directory of certs/generate_certs.sh.
 */
final class RemoteServer implements AutoCloseable {
  private static final String CERTS = System.getProperty("jetstream.benchmarks.certs");

  private final Process process;
  private final InetSocketAddress address;

  /** Starts one, and waits until it listens. */
  RemoteServer(String transport) throws IOException {
    process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Peer.class.getName(),
                "server",
                "--transport",
                transport,
                "--cert",
                CERTS + "/server.crt",
                "--key",
                CERTS + "/server.key",
                "--client-ca",
                CERTS + "/ca.crt")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String line = output.readLine();
    if (line == null) {
      throw new IOException("the server does not start: what it said stands above");
    }
    int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
    address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  InetSocketAddress address() {
    return address;
  }

  /** What a client connects with. */
  static Options client() {
    return new Options(
        List.of(
                "client",
                "--cert",
                CERTS + "/client.crt",
                "--key",
                CERTS + "/client.key",
                "--ca",
                CERTS + "/ca.crt")
            .toArray(String[]::new));
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    process.destroy();
  }
}
