package rs.jetstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a probe makes of answers that a server of ours does not give. */
@Timeout(30)
final class ServerProbeTest {
  private interface Ask<T> {
    T ask(ServerProbe probe) throws Exception;
  }

  /** Asks a peer that answers each packet by {@code answer}. */
  private static <T> T ask(UnaryOperator<byte[]> answer, Ask<T> ask) throws Exception {
    try (DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Thread.startVirtualThread(() -> {
        try {
          while (true) {
            DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
            peer.receive(packet);
            byte[] bytes = answer.apply(Arrays.copyOf(packet.getData(), packet.getLength()));
            peer.send(new DatagramPacket(bytes, bytes.length, packet.getSocketAddress()));
          }
        } catch (IOException e) {
          // The test has ended.
        }
      });
      return ask.ask(
          new ServerProbe((InetSocketAddress) peer.getLocalSocketAddress(), Duration.ofSeconds(1)));
    }
  }

  private static byte[] starting(int first, int size) {
    byte[] bytes = new byte[size];
    bytes[0] = (byte) first;
    return bytes;
  }

  @Test
  void aShorterPacketThatLooksLikeOneIsAReset() throws Exception {
    assertThat(ask(it -> starting(0x45, 43), ServerProbe::resets)).isTrue();
    assertThat(ask(it -> starting(0x45, 20), ServerProbe::resets)).isFalse();
    assertThat(ask(it -> starting(0xc5, 43), ServerProbe::resets)).isFalse();
    assertThat(ask(it -> it, ServerProbe::resets)).isFalse();
  }

  @Test
  void versionsAreThoseThatTheServerNamesButForReservedOnes() throws Exception {
    ByteBuffer answer = ByteBuffer.allocate(1 + 4 + 1 + 1 + 12);
    answer.put((byte) 0x80).putInt(0).put((byte) 0).put((byte) 0);
    answer.putInt(0x6b3343cf).putInt(0x2a2a2a2a).putInt(1);
    assertThat(ask(it -> answer.array(), ServerProbe::versions)).containsExactly("0x6b3343cf", "1");
  }

  @Test
  void nonsenseIsNoAnswer() throws Exception {
    for (byte[] nonsense :
        new byte[][] {
          new byte[0], {1}, starting(0x80, 7), starting(0xc0, 1200), starting(0x80, 6)
        }) {
      assertThat(ask(it -> nonsense, ServerProbe::versions)).isEmpty();
      assertThat(oldTls(nonsense)).isEqualTo(ServerProbe.OldTls.NO_ANSWER);
    }
    byte[] retryThatEnds = ByteBuffer.allocate(8).put((byte) 0xf0).putInt(1).put((byte) 20).array();
    assertThat(oldTls(retryThatEnds)).isEqualTo(ServerProbe.OldTls.NO_ANSWER);
  }

  private static ServerProbe.OldTls oldTls(byte[] answer) throws Exception {
    return ask(it -> answer, it -> it.offerOldTls("localhost", "x")).oldTls();
  }
}
