package rs.jetstream.examples;

import java.io.IOException;
import java.nio.file.Path;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.TlsIdentity;
import rs.jetstream.quic.TlsTrust;
import rs.jetstream.rpc.JetStreamClient;

/** Calls {@link Greeter}. */
public final class GreetingClient {
  private GreetingClient() {}

  /** Asks the server on {@code port} for a greeting. */
  public static String greet(Path certs, int port, String name) throws IOException {
    TlsTrust servers = TlsTrust.ofPemFile(certs.resolve("ca.crt"));
    try (TlsIdentity identity =
            TlsIdentity.ofPemFiles(certs.resolve("client.crt"), certs.resolve("client.key"));
        JetStreamClient client =
            JetStreamClient.builder()
                .quic(QuicClient.builder().identity(identity).trust(servers))
                .address("localhost", port)
                .open()) {
      Greeter greeter = client.service(Greeter.class);
      return greeter.greet(name);
    }
  }

  /** Prints a greeting. */
  public static void main(String[] args) throws IOException {
    System.out.println(greet(Path.of(args[0]), 4433, args[1]));
  }
}
