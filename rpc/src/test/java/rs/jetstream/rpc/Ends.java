package rs.jetstream.rpc;

import java.io.IOException;
import java.time.Duration;
import java.util.function.UnaryOperator;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.rpc.Interop.Handlers;

/** A server of {@link Interop} and clients of it, over mutual TLS and loopback. */
final class Ends implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(20);

  final Handlers handlers;
  final JetStreamServer server;
  final JetStreamClient client;
  final Caller caller;

  Ends() throws IOException {
    this(it -> it, it -> it);
  }

  Ends(
      UnaryOperator<JetStreamServer.Builder> serverSettings,
      UnaryOperator<JetStreamClient.Builder> clientSettings)
      throws IOException {
    this(new Handlers(), serverSettings, clientSettings);
  }

  Ends(
      Handlers handlers,
      UnaryOperator<JetStreamServer.Builder> serverSettings,
      UnaryOperator<JetStreamClient.Builder> clientSettings)
      throws IOException {
    this.handlers = handlers;
    server =
        serverSettings
            .apply(JetStreamServer.builder().quic(quicServer()).service(handlers.dispatcher()))
            .open();
    client = client(clientSettings);
    caller = client.caller(Interop.SERVICE);
  }

  static QuicServer.Builder quicServer() {
    return QuicServer.builder().identity(TestPki.SERVER.identity()).trust(TestPki.CA.trust());
  }

  static QuicClient.Builder quicClient() {
    return QuicClient.builder().identity(TestPki.CLIENT.identity()).trust(TestPki.CA.trust());
  }

  JetStreamClient client(UnaryOperator<JetStreamClient.Builder> settings) throws IOException {
    return settings
        .apply(
            JetStreamClient.builder()
                .quic(quicClient())
                .address("127.0.0.1", server.localAddress().getPort()))
        .open();
  }

  /** A server that does what {@code script} says. */
  static ScriptedServer scripted(ScriptedServer.Script script) throws IOException {
    return new ScriptedServer(quicServer(), script);
  }

  static JetStreamClient.Builder clientOf(ScriptedServer server) {
    return JetStreamClient.builder()
        .quic(quicClient())
        .address("127.0.0.1", server.quic.localAddress().getPort());
  }

  /** The client's calls with another timeout. */
  Caller within(Duration timeout) {
    return client.caller(Interop.SERVICE, CallOptions.defaults().withTimeout(timeout));
  }

  /** A connection that says what it likes. */
  static final class Raw implements AutoCloseable {
    final QuicClient quic;
    final QuicConnection connection;

    Raw(JetStreamServer server) throws IOException {
      quic = quicClient().open();
      connection = quic.connect(server.localAddress(), "localhost", SOON);
    }

    BidirectionalStream open() throws IOException {
      BidirectionalStream stream = connection.openBidirectional(SOON);
      stream.timeout(SOON);
      return stream;
    }

    /** A lane of {@link Interop} on which the version is agreed. */
    RawLane lane() throws IOException {
      return new RawLane(open()).handshake(Interop.VERSION);
    }

    @Override
    public void close() {
      quic.close();
    }
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
