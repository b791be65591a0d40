package rs.jetstream.quic;

import java.io.IOException;
import java.time.Duration;
import java.util.function.UnaryOperator;

/**
 * A server and a client with one mutual-TLS connection between them, over loopback; closing it
 * closes all.
 */
final class Loopback implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(20);

  final QuicServer server;
  final QuicClient client;
  final QuicConnection clientConnection;
  final QuicConnection serverConnection;

  Loopback() throws IOException {
    this(QuicSettings.defaults(), QuicSettings.defaults());
  }

  Loopback(QuicSettings serverSettings, QuicSettings clientSettings) throws IOException {
    server = server(builder -> builder.settings(serverSettings));
    client = client(builder -> builder.settings(clientSettings));
    clientConnection = connect(client, server);
    serverConnection = server.accept(SOON);
  }

  static QuicServer server(UnaryOperator<QuicServer.Builder> more) throws IOException {
    return more.apply(
            QuicServer.builder().identity(TestPki.SERVER.identity()).trust(TestPki.CA.trust()))
        .open();
  }

  static QuicClient client(UnaryOperator<QuicClient.Builder> more) throws IOException {
    return more.apply(
            QuicClient.builder().identity(TestPki.CLIENT.identity()).trust(TestPki.CA.trust()))
        .open();
  }

  static QuicConnection connect(QuicClient client, QuicServer server) throws IOException {
    return client.connect(server.localAddress(), "localhost", SOON);
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
