package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(60)
@ExtendWith(LeakExtension.class)
final class ProtocolDispatcherTest {
  private static ProtocolDispatcher.Handler saying(int what) {
    return connection -> {
      try (SendStream stream = connection.openUnidirectional()) {
        stream.sendAndFinish(new byte[] {(byte) what});
        stream.flush();
      }
      // Until the client has closed it.
      var _ = connection.onClose().get();
    };
  }

  @Test
  void eachProtocolGetsItsHandler() throws Exception {
    QuicServer server = Loopback.server(b -> b.alpn("v2", "v1"));
    ProtocolDispatcher dispatcher =
        new ProtocolDispatcher(Map.of("v1", saying(1), "v2", saying(2)));
    Waiting serving =
        Waiting.started(
            true,
            () -> {
              dispatcher.serve(server);
              return "served";
            });
    try (server) {
      for (String protocol : List.of("v1", "v2", "v1")) {
        try (QuicClient client = Loopback.client(b -> b.alpn(protocol));
            QuicConnection connection = Loopback.connect(client, server);
            ReceiveStream stream = connection.acceptUnidirectional(Loopback.SOON)) {
          assertThat(stream.receiveAll(1)).containsExactly(protocol.charAt(1) - '0');
        }
      }
    }
    assertThat(serving.value()).isEqualTo("served");
  }

  @Test
  void failureOfAHandlerEndsItsConnectionAlone() throws Exception {
    QuicServer server = Loopback.server(builder -> builder);
    ProtocolDispatcher dispatcher =
        new ProtocolDispatcher(
            Map.of(
                "jetstream",
                connection -> {
                  throw new IllegalStateException("planted");
                }));
    Waiting serving =
        Waiting.started(
            true,
            () -> {
              dispatcher.serve(server);
              return "served";
            });
    try (server;
        QuicClient client = Loopback.client(builder -> builder)) {
      for (int i = 0; i < 2; i++) {
        assertThat(codeOfTheEnd(client, server)).isEqualTo(1);
      }
    }
    assertThat(serving.value()).isEqualTo("served");
  }

  /** The server's close can come before the client has learned that its handshake is confirmed. */
  private static long codeOfTheEnd(QuicClient client, QuicServer server) throws Exception {
    try (QuicConnection connection = Loopback.connect(client, server)) {
      return connection.onClose().get().code();
    } catch (ConnectionException e) {
      return e.code();
    }
  }

  @Test
  void protocolWithoutAHandlerIsTold() throws Exception {
    try (QuicServer server = Loopback.server(b -> b.alpn("v2", "v1"))) {
      assertThatThrownBy(() -> new ProtocolDispatcher(Map.of("v1", saying(1))).serve(server))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("v2");
    }
  }
}
