package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;

@Timeout(60)
@ExtendWith(LeakExtension.class)
final class AddressListTest {
  private static DatagramSocket silent() throws Exception {
    return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private static InetSocketAddress address(DatagramSocket socket) {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  @Test
  void addressThatAnswersIsFoundBehindOnesThatDoNot() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder);
        DatagramSocket first = silent();
        DatagramSocket second = silent();
        QuicConnection connection =
            client.connect(
                List.of(address(first), address(second), server.localAddress()),
                "localhost",
                Loopback.SOON)) {
      assertThat(connection.peerAddress()).isEqualTo(server.localAddress());
      assertThat(server.accept(Loopback.SOON).closeReason()).isEmpty();
    }
  }

  @Test
  void refusalGoesOnAtOnceAndAllFailuresAreTold() throws Exception {
    ServerLimits nobody = ServerLimits.builder().maxConnections(0).build();
    try (QuicServer refuses = Loopback.server(b -> b.limits(nobody));
        QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder)) {
      client
          .connect(
              List.of(refuses.localAddress(), server.localAddress()), "localhost", Loopback.SOON)
          .close();
      ConnectionException e =
          catchThrowableOfType(
              ConnectionException.class,
              () ->
                  client.connect(
                      List.of(refuses.localAddress(), refuses.localAddress()),
                      "localhost",
                      Loopback.SOON));
      assertThat(e.kind()).isEqualTo(Kind.TRANSPORT_ERROR);
      assertThat(e.getSuppressed()).hasSize(1);
    }
  }

  @Test
  void deadlineIsForAllTogether() throws Exception {
    try (QuicClient client = Loopback.client(builder -> builder);
        DatagramSocket first = silent();
        DatagramSocket second = silent()) {
      ConnectionException e =
          catchThrowableOfType(
              ConnectionException.class,
              () ->
                  client.connect(
                      List.of(address(first), address(second)),
                      "localhost",
                      Duration.ofMillis(400)));
      assertThat(e.kind()).isEqualTo(Kind.DEADLINE);
      assertThatThrownBy(() -> client.connect(List.of(), "localhost", Loopback.SOON))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void familiesTakeTurns() throws Exception {
    InetAddress[] all = {
      InetAddress.getByName("2001:db8::1"),
      InetAddress.getByName("2001:db8::2"),
      InetAddress.getByName("192.0.2.1")
    };
    assertThat(Race.interleave(all, 9))
        .extracting(it -> it.getAddress().getHostAddress())
        .containsExactly("2001:db8:0:0:0:0:0:1", "192.0.2.1", "2001:db8:0:0:0:0:0:2");
  }
}
