package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import rs.jetstream.quic.JetStreamException.Kind;

/** Addresses that cannot be bound, found or reached. */
@Timeout(60)
final class AddressTest {
  @Test
  void boundPortIsInUse() throws Exception {
    try (QuicServer first = Loopback.server(builder -> builder)) {
      ConnectionException e =
          catchThrowableOfType(
              ConnectionException.class,
              () -> Loopback.server(builder -> builder.address(first.localAddress())));
      assertThat(e.kind()).isEqualTo(Kind.ADDRESS_IN_USE);
      assertThat(e).hasMessageContaining(String.valueOf(first.localAddress()));
    }
  }

  @Test
  void addressOfAnotherMachineIsNotAvailable() throws Exception {
    // RFC 5737: for documentation alone.
    InetSocketAddress other = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 0);
    ConnectionException server =
        catchThrowableOfType(
            ConnectionException.class,
            () ->
                Loopback.server(
                    builder -> builder.address(other).dangerouslyAllowTestCertificate()));
    assertThat(server.kind()).isEqualTo(Kind.ADDRESS_NOT_AVAILABLE);
    assertThat(server).hasMessageContaining("192.0.2.1");
    ConnectionException client =
        catchThrowableOfType(
            ConnectionException.class,
            () -> Loopback.client(builder -> builder.localAddress(other)));
    assertThat(client.kind()).isEqualTo(Kind.ADDRESS_NOT_AVAILABLE);
    assertThat(client).hasMessageContaining("192.0.2.1");
  }

  @Test
  void hostWithoutAnAddressIsUnknown() throws Exception {
    // RFC 6761: never resolves.
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("no-such-host.invalid", 1);
    try (QuicClient client = Loopback.client(builder -> builder)) {
      for (ConnectionException e :
          new ConnectionException[] {
            catchThrowableOfType(
                ConnectionException.class, () -> client.connect("no-such-host.invalid", 1)),
            catchThrowableOfType(
                ConnectionException.class, () -> client.connect(unresolved, "localhost", null))
          }) {
        assertThat(e.kind()).isEqualTo(Kind.UNKNOWN_HOST);
        assertThat(e).hasMessageContaining("no-such-host.invalid");
      }
    }
  }

  @Test
  void serverAtAnUnresolvedAddressIsAHostThatIsUnknown() {
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("no-such-host.invalid", 1);
    ConnectionException e =
        catchThrowableOfType(
            ConnectionException.class,
            () -> Loopback.server(builder -> builder.address(unresolved)));
    assertThat(e.kind()).isEqualTo(Kind.UNKNOWN_HOST);
  }

  // r[verify security.1.18]
  @Test
  void silentPeerEndsTheCallAtItsDeadline() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        QuicClient client = Loopback.client(builder -> builder)) {
      InetSocketAddress address = (InetSocketAddress) silent.getLocalSocketAddress();
      ConnectionException e =
          catchThrowableOfType(
              ConnectionException.class,
              () -> client.connect(address, "localhost", Duration.ofMillis(200)));
      assertThat(e.kind()).isEqualTo(Kind.DEADLINE);
      assertThat(e).hasMessageContaining("connect to localhost at 127.0.0.1:" + address.getPort());
    }
  }

  @Test
  void silentPeerEndsTheHandshakeAtItsTimeout() throws Exception {
    QuicSettings hasty = QuicSettings.builder().handshakeTimeout(Duration.ofMillis(300)).build();
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        QuicClient client = Loopback.client(builder -> builder.settings(hasty))) {
      ConnectionException e =
          catchThrowableOfType(
              ConnectionException.class, () -> client.connect("localhost", silent.getLocalPort()));
      assertThat(e.kind()).isEqualTo(Kind.HANDSHAKE_TIMEOUT);
      assertThat(e).hasMessageContaining("connect to localhost at ");
    }
  }

  @Test
  void portOfNoOneEndsTheHandshakeAtItsTimeout() throws Exception {
    QuicSettings hasty = QuicSettings.builder().handshakeTimeout(Duration.ofMillis(300)).build();
    int free;
    try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      free = probe.getLocalPort();
    }
    try (QuicClient client = Loopback.client(builder -> builder.settings(hasty))) {
      ConnectionException e =
          catchThrowableOfType(ConnectionException.class, () -> client.connect("127.0.0.1", free));
      assertThat(e.kind()).isEqualTo(Kind.HANDSHAKE_TIMEOUT);
    }
  }

  @Test
  void portThatIsNoneIsAnArgumentError() throws Exception {
    try (QuicClient client = Loopback.client(builder -> builder)) {
      for (int port : new int[] {-1, 0, 65_536}) {
        assertThat(
                catchThrowableOfType(
                    IllegalArgumentException.class, () -> client.connect("localhost", port)))
            .as("port %d", port)
            .isNotNull();
      }
    }
  }
}
