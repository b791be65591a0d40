package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client whose address changes under it, as behind a NAT; one server, or several on a port. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class RebindingTest {
  private static final int BLOCK = 100_000;

  /** s2n-quic 1.91 keeps five paths per connection, and forgets none. */
  private static final int CHANGES = 4;

  private static void assertCarries(QuicConnection from, QuicConnection to, int value)
      throws Exception {
    byte[] block = new byte[BLOCK];
    block[BLOCK - 1] = (byte) value;
    try (SendStream stream = from.openUnidirectional()) {
      Waiting send =
          Waiting.started(
              true,
              () -> {
                stream.sendAndFinish(block);
                stream.flush();
                return true;
              });
      try (ReceiveStream theirs = to.acceptUnidirectional(Loopback.SOON)) {
        assertThat(theirs.receiveAll(BLOCK)).isEqualTo(block);
      }
      assertThat(send.value()).isEqualTo(true);
    }
  }

  @Test
  void connectionGoesOnWhenTheClientsPortChanges() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder);
        Rebinding nat = new Rebinding(server.localAddress());
        QuicConnection connection = client.connect(nat.address(), "localhost", Loopback.SOON);
        QuicConnection accepted = server.accept(Loopback.SOON)) {
      assertCarries(connection, accepted, 0);
      for (int i = 1; i <= CHANGES; i++) {
        int port = nat.rebind();
        assertCarries(connection, accepted, i);
        assertThat(accepted.peerAddress().getPort()).isEqualTo(port);
      }
      assertThat(accepted.statistics().pathChanges()).isEqualTo(CHANGES);
      assertCarries(accepted, connection, 6);
    }
  }

  /** What s2n-quic does not do, so that nobody promises it; its client finds out by its timeout. */
  @Test
  void fifthChangeIsNotFollowed() throws Exception {
    QuicSettings impatient =
        QuicSettings.builder().idleTimeout(java.time.Duration.ofMillis(500)).build();
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(b -> b.settings(impatient));
        Rebinding nat = new Rebinding(server.localAddress());
        QuicConnection connection = client.connect(nat.address(), "localhost", Loopback.SOON);
        QuicConnection accepted = server.accept(Loopback.SOON)) {
      for (int i = 1; i <= CHANGES; i++) {
        int port = nat.rebind();
        assertCarries(connection, accepted, i);
        assertThat(accepted.peerAddress().getPort()).isEqualTo(port);
      }
      int port = nat.rebind();
      assertThat(connection.onClose().get().kind()).isEqualTo(JetStreamException.Kind.IDLE_TIMEOUT);
      assertThat(accepted.onClose().get().kind()).isEqualTo(JetStreamException.Kind.IDLE_TIMEOUT);
      assertThat(server.statistics().connections()).isZero();
      assertThat(port).isPositive();
    }
  }

  @Test
  void serversOnOnePortKeepTheirConnectionsAndShareTheirLimits() throws Exception {
    ServerLimits limits = ServerLimits.builder().maxConnections(8).build();
    ResetKey key = ResetKey.of(new byte[32]);
    List<QuicServer> servers =
        QuicServer.builder()
            .identity(TestPki.SERVER.identity())
            .trust(TestPki.CA.trust())
            .limits(limits)
            .resetKey(key)
            .openOnOnePort(3);
    Set<Integer> used = new HashSet<>();
    try (QuicClient client = Loopback.client(builder -> builder)) {
      assertThat(servers)
          .extracting(QuicServer::localAddress)
          .containsOnly(servers.getFirst().localAddress());
      int connections = 0;
      while (connections < 8) {
        try (Rebinding nat = new Rebinding(servers.getFirst().localAddress())) {
          QuicConnection connection = client.connect(nat.address(), "localhost", Loopback.SOON);
          connections++;
          int index = whose(servers, used.size() == 3 ? -1 : connections);
          used.add(index);
          QuicConnection accepted = servers.get(index).accept(Loopback.SOON);
          // Whatever socket the kernel would choose by the new address, it comes to the same
          // server.
          for (int i = 0; i < 3; i++) {
            int port = nat.rebind();
            assertCarries(connection, accepted, i);
            assertThat(accepted.peerAddress().getPort()).isEqualTo(port);
          }
        }
      }
      assertThat(
              org.assertj.core.api.Assertions.catchThrowable(
                  () -> Loopback.connect(client, servers.getFirst())))
          .isInstanceOf(ConnectionException.class)
          .hasMessageContaining("refused");
    } finally {
      servers.forEach(QuicServer::close);
    }
    // New connections are spread by the clients' random ids: one server of three for all of eight
    // happens once in two thousand runs.
    assertThat(used).hasSizeGreaterThan(1);
  }

  /** The server that has a connection which nobody took. */
  private static int whose(List<QuicServer> servers, int connections) throws Exception {
    for (int i = 0; i < servers.size(); i++) {
      long taken = servers.get(i).connections().size();
      if (servers.get(i).statistics().connections() > taken) {
        return i;
      }
    }
    throw new AssertionError("nobody has connection " + connections);
  }
}
