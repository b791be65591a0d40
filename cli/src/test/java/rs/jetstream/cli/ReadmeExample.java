package rs.jetstream.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.quic.TlsIdentity;
import rs.jetstream.quic.TlsTrust;

/** The README's example; {@link ReadmeTest} runs it and compares the two. */
final class ReadmeExample {
  private ReadmeExample() {}

  // README begins
  static String greet(Path certs) throws IOException {
    TlsTrust trust = TlsTrust.ofPemFile(certs.resolve("ca.crt"));
    try (TlsIdentity serverIdentity =
            TlsIdentity.ofPemFiles(certs.resolve("server.crt"), certs.resolve("server.key"));
        TlsIdentity clientIdentity =
            TlsIdentity.ofPemFiles(certs.resolve("client.crt"), certs.resolve("client.key"));
        // Mutual TLS is the default: only clients of `trust` get in. Port 0: the system chooses.
        QuicServer server =
            QuicServer.builder().identity(serverIdentity).trust(trust).port(0).open();
        QuicClient client = QuicClient.builder().identity(clientIdentity).trust(trust).open()) {
      Thread.startVirtualThread(() -> serve(server));
      int port = server.localAddress().getPort();
      try (QuicConnection connection = client.connect("localhost", port);
          BidirectionalStream stream = connection.openBidirectional()) {
        stream.sendAndFinish("world".getBytes(StandardCharsets.UTF_8));
        return new String(stream.receiveAll(1024), StandardCharsets.UTF_8);
      }
    }
  }

  static void serve(QuicServer server) {
    try (QuicConnection connection = server.accept()) {
      while (true) {
        try (BidirectionalStream stream = connection.acceptBidirectional()) {
          String name = new String(stream.receiveAll(1024), StandardCharsets.UTF_8);
          stream.sendAndFinish(("Hello, " + name + "!").getBytes(StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      System.out.println(e.getMessage()); // the client is gone
    }
  }
  // README ends
}
