package rs.jetstream.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;

/**
 * A connection to a server that is a process of its own, so that what JMH sees allocated in this
 * one is this side's alone.
 *
 * <p>JMH calls {@link #start} before anything else. Needs {@code
 * -Djetstream.benchmarks.certs=}directory of certs/generate_certs.sh.
 */
@SuppressWarnings("NullAway.Init") // by start()
@State(Scope.Benchmark)
public class Remote {
  private Process server;
  private QuicClient client;

  QuicConnection connection;

  /** Starts the server and connects. */
  @Setup(Level.Trial)
  public void start() throws IOException {
    String certs = System.getProperty("jetstream.benchmarks.certs");
    server =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Peer.class.getName(),
                "server",
                "--cert",
                certs + "/server.crt",
                "--key",
                certs + "/server.key",
                "--client-ca",
                certs + "/ca.crt")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output = server.inputReader(StandardCharsets.UTF_8);
    String line = output.readLine();
    int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
    Options options =
        new Options(
            List.of(
                    "client",
                    "--cert",
                    certs + "/client.crt",
                    "--key",
                    certs + "/client.key",
                    "--ca",
                    certs + "/ca.crt")
                .toArray(String[]::new));
    client =
        QuicClient.builder()
            .identity(options.identity())
            .trust(options.trust("ca"))
            .settings(options.settings())
            .open();
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    connection = client.connect(address, "localhost", null);
  }

  /** Ends both processes' part. */
  @TearDown(Level.Trial)
  public void stop() throws IOException {
    client.close();
    server.getOutputStream().close();
    server.destroy();
  }
}
