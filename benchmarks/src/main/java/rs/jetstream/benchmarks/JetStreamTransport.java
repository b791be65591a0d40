package rs.jetstream.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import rs.jetstream.quic.ClientAuthentication;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicServer;

/** This library. */
public final class JetStreamTransport implements Transport {
  @Override
  public Listening serve(Options options) throws IOException {
    return new JetStreamListening(options);
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // the workloads close them
  public Workloads connect(Options options, InetSocketAddress server) throws IOException {
    QuicClient client = client(options).open();
    return new JetStreamWorkloads(client, server, new Bulk(options), options.calls());
  }

  /** What a client connects with. */
  public static QuicClient.Builder client(Options options) throws IOException {
    return QuicClient.builder()
        .identity(options.identity())
        .trust(options.trust("ca"))
        .settings(options.settings());
  }

  /** What a server listens on. */
  public static QuicServer.Builder server(Options options) throws IOException {
    return QuicServer.builder()
        .address(Peer.anyPort())
        .identity(options.identity())
        .trust(options.trust("client-ca"))
        .clientAuthentication(
            options.asksForClientCertificates()
                ? ClientAuthentication.REQUIRED
                : ClientAuthentication.NONE)
        .settings(options.settings());
  }

  /** Answers all connections, each stream on a virtual thread, until the server is closed. */
  public static void answer(QuicServer server, Options options) {
    JetStreamAnswers answers = new JetStreamAnswers(new Bulk(options), options.calls());
    Thread.startVirtualThread(() -> answers.accept(server));
  }

  /** A server, each stream of which is answered on a virtual thread. */
  private static final class JetStreamListening implements Listening {
    private final QuicServer server;

    @SuppressWarnings("MustBeClosedChecker") // closed with this
    JetStreamListening(Options options) throws IOException {
      server = server(options).open();
      answer(server, options);
    }

    @Override
    public int port() {
      return server.localAddress().getPort();
    }

    @Override
    public void close() {
      server.close();
    }
  }
}
