package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Sessions that clients resume with tickets, and those that they must not. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class ResumptionTest {
  private static final TicketKey OLD = TicketKey.generate();
  private static final TicketKey NEW = TicketKey.generate();

  @TempDir Path folder;

  private static QuicServer server(UnaryOperator<QuicServer.Builder> more) throws IOException {
    return Loopback.server(
        b -> more.apply(b.clientAuthentication(ClientAuthentication.NONE).ticketKeys(OLD)));
  }

  private static QuicClient client(int maxTickets) throws IOException {
    return QuicClient.builder().trust(TestPki.CA.trust()).resumeSessions(maxTickets).open();
  }

  /** Connects; when it returns, the client has the ticket that the server gave. */
  private static boolean resumes(QuicClient client, QuicServer server) throws IOException {
    return resumes(client, server, "localhost");
  }

  private static boolean resumes(QuicClient client, QuicServer server, String name)
      throws IOException {
    try (QuicConnection connection = client.connect(server.localAddress(), name, Loopback.SOON);
        QuicConnection accepted = server.accept(Loopback.SOON)) {
      // Acknowledged after the server has sent its ticket.
      connection.ping(Loopback.SOON);
      boolean resumed = connection.tls().resumed();
      assertThat(accepted.tls().resumed()).isEqualTo(resumed);
      assertThat(connection.tls().signatureScheme().isEmpty()).isEqualTo(resumed);
      assertThat(connection.tls().serverName()).isEqualTo(name);
      assertThat(accepted.peerIdentity()).isEmpty();
      return resumed;
    }
  }

  @Test
  void resumedConnectionKnowsTheServerAsTheFirstDid() throws Exception {
    try (QuicServer server = server(b -> b);
        QuicClient client = client(8)) {
      for (boolean resumed : new boolean[] {false, true, false, true}) {
        try (QuicConnection connection = Loopback.connect(client, server);
            QuicConnection accepted = server.accept(Loopback.SOON)) {
          connection.ping(Loopback.SOON);
          assertThat(connection.tls().resumed()).isEqualTo(resumed);
          assertThat(connection.peerIdentity().orElseThrow().fingerprint())
              .isEqualTo(PeerIdentity.fingerprint(TestPki.SERVER.certificate()));
          assertThat(connection.peerCertificates())
              .containsExactly(TestPki.SERVER.certificate(), TestPki.CA.certificate());
          try (BidirectionalStream stream = connection.openBidirectional()) {
            stream.sendAndFinish(new byte[] {7});
            try (BidirectionalStream theirs = accepted.acceptBidirectional(Loopback.SOON)) {
              assertThat(theirs.receiveAll(10)).containsExactly(7);
            }
          }
        }
      }
    }
  }

  @Test
  void nothingIsResumedByDefault() throws Exception {
    try (QuicServer giving = server(b -> b);
        QuicServer silent =
            Loopback.server(b -> b.clientAuthentication(ClientAuthentication.NONE));
        QuicClient keeping = client(8);
        QuicClient plain = QuicClient.builder().trust(TestPki.CA.trust()).open()) {
      for (int i = 0; i < 2; i++) {
        assertThat(resumes(plain, giving)).isFalse();
        assertThat(resumes(keeping, silent)).isFalse();
      }
    }
  }

  @Test
  void ticketsAreOfTheNameTheyWereGivenFor() throws Exception {
    try (QuicServer server = server(b -> b);
        QuicClient client = client(8)) {
      assertThat(resumes(client, server)).isFalse();
      assertThat(resumes(client, server, "127.0.0.1")).isFalse();
      assertThat(resumes(client, server, "127.0.0.1")).isTrue();
      assertThat(resumes(client, server)).isTrue();
    }
  }

  @Test
  void oldestTicketMakesRoom() throws Exception {
    try (QuicServer server = server(b -> b);
        QuicClient client = client(1)) {
      assertThat(resumes(client, server)).isFalse();
      assertThat(resumes(client, server, "127.0.0.1")).isFalse();
      assertThat(resumes(client, server)).isFalse();
      assertThat(resumes(client, server)).isTrue();
    }
  }

  @Test
  void oldKeyTakesTicketsUntilItIsRemoved() throws Exception {
    try (QuicServer server = server(b -> b);
        QuicClient client = client(8)) {
      assertThat(resumes(client, server)).isFalse();
      server.reload(TlsReload.of().ticketKeys(NEW, OLD));
      assertThat(resumes(client, server)).as("the old key takes its tickets").isTrue();
      assertThat(resumes(client, server)).as("a resumed session brings none").isFalse();
      server.reload(TlsReload.of().ticketKeys(NEW));
      assertThat(resumes(client, server)).as("the new key made the next one").isTrue();
      assertThat(resumes(client, server)).isFalse();
      server.reload(TlsReload.of().ticketKeys(TicketKey.generate()));
      assertThat(resumes(client, server)).as("no key of before is there").isFalse();
      // What a reload does not name stays.
      server.reload(TlsReload.of().identity(TestPki.SERVER.identity()));
      assertThat(resumes(client, server)).isTrue();
    }
  }

  @Test
  void serversWithTheSameKeyTakeTicketsOfEachOther() throws Exception {
    try (QuicServer one = server(b -> b);
        QuicServer other = server(b -> b.ticketKeys(NEW, OLD));
        QuicServer third = server(b -> b.ticketKeys(NEW));
        QuicClient client = client(8)) {
      assertThat(resumes(client, one)).isFalse();
      assertThat(resumes(client, other)).as("a key of both").isTrue();
      assertThat(resumes(client, other)).isFalse();
      assertThat(resumes(client, third)).as("the first key of one made it").isTrue();
      assertThat(resumes(client, third)).isFalse();
      assertThat(resumes(client, one)).as("a key that the other does not have").isFalse();
    }
  }

  @Test
  void clientThatReloadsIsNotResumedIntoWhatItTrustedBefore() throws Exception {
    try (QuicServer server = server(b -> b);
        QuicClient client = client(8)) {
      assertThat(resumes(client, server)).isFalse();
      client.reload(TlsReload.of().trust(TestPki.OTHER_CA.trust()));
      assertThatThrownBy(() -> Loopback.connect(client, server))
          .isInstanceOfSatisfying(
              ConnectionException.class,
              e -> assertThat(e.kind()).isEqualTo(JetStreamException.Kind.PEER_NOT_TRUSTED));
      client.reload(TlsReload.of().trust(TestPki.CA.trust()));
      assertThat(resumes(client, server)).isFalse();
      assertThat(resumes(client, server)).isTrue();
    }
  }

  @Test
  void whatWouldLetAPeerInUnseenIsRefused() throws Exception {
    for (ClientAuthentication asks :
        List.of(ClientAuthentication.OPTIONAL, ClientAuthentication.REQUIRED)) {
      assertThatThrownBy(() -> server(b -> b.clientAuthentication(asks)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("clientAuthentication(NONE)");
    }
    assertThatThrownBy(
            () -> Loopback.client(b -> b.resumeSessions(1).peerPolicy((peer, address) -> true)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("peerPolicy");
    try (Loopback loopback = new Loopback()) {
      assertThatThrownBy(() -> loopback.server.reload(TlsReload.of().ticketKeys(NEW)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("clientAuthentication(NONE)");
      assertThatThrownBy(() -> loopback.client.reload(TlsReload.of().ticketKeys(NEW)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("for servers");
    }
  }

  @Test
  void keysHaveLegalLengthsAndAreWipedWhenClosed() throws Exception {
    for (int length : new int[] {0, 31, 1025}) {
      assertThatThrownBy(() -> TicketKey.of(new byte[length]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(length + " bytes");
    }
    byte[] secret = new byte[32];
    new Random(4).nextBytes(secret);
    TicketKey key = TicketKey.of(secret);
    byte[] held = key.bytes();
    assertThat(held).isEqualTo(secret).isNotSameAs(secret);
    key.close();
    assertThat(held).containsOnly(0);
    assertThatThrownBy(() -> server(b -> b.ticketKeys(key)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> server(b -> b.ticketKeys(OLD, OLD)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("key 1 is key 0 again");
    for (int most : new int[] {-1, 1025}) {
      assertThatThrownBy(() -> client(most))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("maxTickets is " + most);
    }
  }

  @Test
  void keyFilesAreTheOwnersAlone() throws Exception {
    Path file = Files.write(folder.resolve("ticket.key"), new byte[48]);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> TicketKey.ofFile(file))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("ticket.key");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(TicketKey.ofFile(file)).hasToString("TicketKey[48 bytes]");
    Files.write(file, new byte[31]);
    assertThatThrownBy(() -> TicketKey.ofFile(file))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("31 bytes");
  }
}
