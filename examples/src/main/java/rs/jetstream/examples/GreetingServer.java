package rs.jetstream.examples;

import java.io.IOException;
import java.nio.file.Path;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.quic.TlsIdentity;
import rs.jetstream.quic.TlsTrust;
import rs.jetstream.rpc.JetStreamServer;

/** Serves {@link Greetings}. */
public final class GreetingServer {
  private GreetingServer() {}

  /** Begins to serve, with the certificates in {@code certs}. */
  public static JetStreamServer open(Path certs, int port) throws IOException {
    TlsTrust clients = TlsTrust.ofPemFile(certs.resolve("ca.crt"));
    try (TlsIdentity identity =
        TlsIdentity.ofPemFiles(certs.resolve("server.crt"), certs.resolve("server.key"))) {
      return JetStreamServer.builder()
          .quic(QuicServer.builder().identity(identity).trust(clients).port(port))
          .service(new Greetings())
          .open();
    }
  }

  /** Serves until it is stopped. */
  public static void main(String[] args) throws IOException, InterruptedException {
    try (JetStreamServer server = open(Path.of(args[0]), 4433)) {
      System.out.println("Listening on " + server.localAddress());
      Thread.currentThread().join();
    }
  }
}
