package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.TestPki.Party;

/** One server, several certificates. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class ServerNameTest {
  private static final Party SHOP = TestPki.server(TestPki.CA, "shop.example", TestPki.tomorrow());
  private static final Party BANK = TestPki.server(TestPki.CA, "bank.example", TestPki.tomorrow());

  @Test
  void certificateIsChosenByTheNameThatTheClientAsksFor() throws Exception {
    try (QuicServer server =
            Loopback.server(
                b -> b.identity(TestPki.SERVER.identity(), SHOP.identity(), BANK.identity()));
        QuicClient client = Loopback.client(builder -> builder)) {
      for (Party party : List.of(BANK, SHOP, TestPki.SERVER)) {
        String name = PeerIdentity.of(List.of(party.certificate())).dnsNames().getFirst();
        try (QuicConnection connection =
            client.connect(server.localAddress(), name, Loopback.SOON)) {
          assertThat(connection.peerCertificates().getFirst()).isEqualTo(party.certificate());
        }
      }
      ConnectionException e =
          catchThrowableOfType(
              ConnectionException.class,
              () -> client.connect(server.localAddress(), "other.example", Loopback.SOON));
      // It gets the first, which does not name it.
      assertThat(e.kind()).isEqualTo(Kind.PEER_NOT_TRUSTED);
    }
  }
}
