package rs.jetstream.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.ConnectionException;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.RefusedHandshake;
import rs.jetstream.quic.TlsIdentity;
import rs.jetstream.quic.TlsTrust;

/** Shows that the server lets nobody in whom it does not know. */
final class RefusalDemo {
  private final DemoServer server;
  private final TlsTrust trust;
  private final Report report;

  RefusalDemo(DemoServer server, TlsTrust trust, Report report) {
    this.server = server;
    this.trust = trust;
    this.report = report;
  }

  void run(TlsIdentity stranger) throws IOException, DemoFailure, InterruptedException {
    report.section("Refused: a client without a certificate");
    refuse("a client without a certificate", null);
    report.section("Refused: a client with a certificate of another CA");
    refuse("a client with a certificate of another CA", stranger);
  }

  private void refuse(String who, @Nullable TlsIdentity identity)
      throws IOException, DemoFailure, InterruptedException {
    QuicClient.Builder builder = QuicClient.builder().trust(trust);
    if (identity != null) {
      builder.identity(identity);
    }
    try (QuicClient client = builder.open()) {
      report.line("client", refusal(who, client));
    }
    Optional<RefusedHandshake> seen = server.takeRefusal(Duration.ofSeconds(5));
    report.line(
        "server",
        seen.orElseThrow(() -> new DemoFailure("the server does not tell why it refused " + who))
            .reason());
  }

  private String refusal(String who, QuicClient client) throws IOException, DemoFailure {
    try (QuicConnection connection =
        client.connect(server.address(), DemoProtocol.SERVER_NAME, DemoProtocol.PATIENCE)) {
      throw new DemoFailure(who + " got in: " + connection);
    } catch (ConnectionException e) {
      if (e.kind() != Kind.HANDSHAKE_REFUSED) {
        throw e;
      }
      return String.valueOf(e.getMessage());
    }
  }
}
