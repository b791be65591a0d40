package rs.jetstream.quic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;

/** Endpoints on sockets that somebody else has bound. */
@Timeout(120)
@EnabledOnOs(OS.LINUX) // Posix.java
@ExtendWith(LeakExtension.class)
final class InheritedSocketTest {
  private static final String LOOPBACK = "127.0.0.1";

  private static QuicServer.Builder server() {
    return QuicServer.builder().identity(TestPki.SERVER.identity()).trust(TestPki.CA.trust());
  }

  private static Kind kindOf(ThrowingCallable open) {
    return catchThrowableOfType(JetStreamException.class, open).kind();
  }

  private static void assertThatCallsWork(QuicConnection near, QuicConnection far)
      throws Exception {
    try (BidirectionalStream call = near.openBidirectional(Loopback.SOON)) {
      call.sendAndFinish("hello".getBytes(UTF_8));
      try (BidirectionalStream answer = far.acceptBidirectional(Loopback.SOON)) {
        assertThat(answer.receiveAll(100)).isEqualTo("hello".getBytes(UTF_8));
      }
    }
  }

  @Test
  void endpointsServeOnInheritedSocketsAndCloseThem() throws Exception {
    int served = Posix.bound(LOOPBACK);
    int connected = Posix.bound(LOOPBACK);
    int port = Posix.port(served);
    int clientPort = Posix.port(connected);
    List<Optional<Path>> before = List.of(Posix.meaning(served), Posix.meaning(connected));
    try (QuicServer server = server().inheritedSockets(served).open();
        QuicClient client = Loopback.client(builder -> builder.inheritedSocket(connected));
        QuicConnection near = Loopback.connect(client, server);
        QuicConnection far = server.accept(Loopback.SOON)) {
      assertThat(server.localAddress())
          .isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      assertThat(far.peerAddress())
          .isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), clientPort));
      assertThatCallsWork(near, far);
    }
    assertThat(List.of(Posix.meaning(served), Posix.meaning(connected)))
        .doesNotContainAnyElementsOf(before);
    Loopback.server(builder -> builder.port(port)).close();
  }

  @Test
  void descriptorThatDoesNotFitIsRefusedAndStaysTheProgramS() throws Exception {
    int socket = Posix.socket();
    Optional<Path> before = Posix.meaning(socket);
    ConnectionException refused =
        catchThrowableOfType(
            ConnectionException.class, () -> server().inheritedSockets(socket).open());
    assertThat(refused.kind()).isEqualTo(Kind.BAD_SOCKET);
    assertThat(refused).hasMessageContaining("descriptor " + socket + " is not bound");
    assertThat(kindOf(() -> Loopback.client(builder -> builder.inheritedSocket(socket))))
        .isEqualTo(Kind.BAD_SOCKET);
    assertThat(Posix.meaning(socket)).isEqualTo(before);
    Posix.bind(socket, LOOPBACK, 0);
    try (QuicServer server = server().inheritedSockets(socket).open()) {
      assertThat(server.localAddress().getPort()).isNotZero();
      ThrowingCallable again = () -> server().inheritedSockets(socket).open();
      assertThat(kindOf(again)).isEqualTo(Kind.BAD_SOCKET);
    }
  }

  // r[verify security.1.10]
  @Test
  void testCertificateDoesNotServeOnAnInheritedSocketThatOthersCanReach() throws Exception {
    int socket = Posix.bound("0.0.0.0");
    Optional<Path> before = Posix.meaning(socket);
    assertThat(kindOf(() -> server().inheritedSockets(socket).open()))
        .isEqualTo(Kind.TEST_CERTIFICATE);
    assertThat(Posix.meaning(socket)).isEqualTo(before);
    server().inheritedSockets(socket).dangerouslyAllowTestCertificate().open().close();
  }

  @Test
  void serversShareAnInheritedPort() throws Exception {
    int first = Posix.socket();
    int second = Posix.socket();
    Posix.sharePort(first);
    Posix.sharePort(second);
    Posix.bind(first, LOOPBACK, 0);
    int port = Posix.port(first);
    Posix.bind(second, LOOPBACK, port);
    List<QuicServer> servers = server().inheritedSockets(first, second).openOnOnePort(2);
    List<QuicConnection> connections = new ArrayList<>();
    try (QuicClient client = Loopback.client(builder -> builder)) {
      assertThat(servers).allMatch(server -> server.localAddress().getPort() == port);
      // First packets have ids of chance: forty of one kind come once in 10^12 runs.
      while (servers.get(0).statistics().established() == 0
          || servers.get(1).statistics().established() == 0) {
        assertThat(connections).hasSizeLessThan(40);
        connections.add(Loopback.connect(client, servers.getFirst()));
      }
    } finally {
      servers.forEach(QuicServer::close);
    }
  }

  @Test
  void socketsOfTwoPortsAreNotServedAsOne() throws Exception {
    int first = Posix.bound(LOOPBACK);
    int second = Posix.bound(LOOPBACK);
    ConnectionException refused =
        catchThrowableOfType(
            ConnectionException.class,
            () -> server().inheritedSockets(first, second).openOnOnePort(2));
    assertThat(refused.kind()).isEqualTo(Kind.BAD_SOCKET);
    assertThat(refused)
        .hasMessageContaining(":" + Posix.port(first))
        .hasMessageContaining(":" + Posix.port(second));
    Posix.close(first);
    Posix.close(second);
  }

  @Test
  void settingsThatContradictEachOtherAreRefused() {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    assertThatIllegalStateException()
        .isThrownBy(() -> server().address(address).inheritedSockets(3).open());
    assertThatIllegalStateException()
        .isThrownBy(() -> server().port(4433).inheritedSockets(3).open());
    assertThatIllegalStateException()
        .isThrownBy(() -> server().inheritedSockets(3, 4).open())
        .withMessageContaining("openOnOnePort");
    assertThatIllegalStateException()
        .isThrownBy(
            () -> Loopback.client(builder -> builder.localAddress(address).inheritedSocket(3)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> server().inheritedSockets(3, 4).openOnOnePort(3))
        .withMessageContaining("count is 3");
    for (int[] none : new int[][] {{}, {2}, {-1}, {3, 0}, {4, 5, 4}}) {
      assertThatIllegalArgumentException().isThrownBy(() -> server().inheritedSockets(none));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QuicClient.builder().inheritedSocket(2))
        .withMessageContaining("must be 3 or more");
  }
}
