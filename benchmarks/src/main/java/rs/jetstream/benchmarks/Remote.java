package rs.jetstream.benchmarks;

import java.io.IOException;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;

/** A connection to a {@link RemoteServer}. JMH calls {@link #start} before anything else. */
@SuppressWarnings("NullAway.Init") // by start()
@State(Scope.Benchmark)
public class Remote {
  private RemoteServer server;
  private QuicClient client;

  QuicConnection connection;

  /** Starts the server and connects. */
  @Setup(Level.Trial)
  public void start() throws IOException {
    server = new RemoteServer("jetstream");
    client = JetStreamTransport.client(RemoteServer.client()).open();
    connection = client.connect(server.address(), "localhost", null);
  }

  /** Ends both processes' part. */
  @TearDown(Level.Trial)
  public void stop() throws IOException {
    client.close();
    server.close();
  }
}
