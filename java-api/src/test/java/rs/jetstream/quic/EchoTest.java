package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class EchoTest {
  @Test
  void whatIsSentComesBack() throws Exception {
    try (Loopback loopback = new Loopback();
        BidirectionalStream stream = loopback.clientConnection.openBidirectional()) {
      stream.sendAndFinish("hello".getBytes(StandardCharsets.UTF_8));
      try (BidirectionalStream accepted =
          loopback.serverConnection.acceptBidirectional(Loopback.SOON)) {
        byte[] request = accepted.receiveAll(100);
        accepted.sendAndFinish(request);
        assertThat(stream.receiveAll(100)).asString(StandardCharsets.UTF_8).isEqualTo("hello");
      }
    }
  }

  @Test
  void tenThousandCallsEachOnItsOwnStream() throws Exception {
    try (Loopback loopback = new Loopback();
        Arena arena = Arena.ofShared()) {
      Thread server =
          Thread.startVirtualThread(() -> {
            try {
              while (true) {
                BidirectionalStream stream = loopback.serverConnection.acceptBidirectional();
                Thread.startVirtualThread(() -> echo(stream));
              }
            } catch (Exception e) {
              // Closed at the end of the test.
            }
          });
      MemorySegment request = arena.allocate(32).fill((byte) 7);
      MemorySegment answer = arena.allocate(64);
      for (int i = 0; i < 10_000; i++) {
        try (BidirectionalStream stream =
            loopback.clientConnection.openBidirectionalAndFinish(request)) {
          long total = 0;
          for (long count; (count = stream.receive(answer)) >= 0; total += count) {}
          assertThat(total).isEqualTo(32);
        }
      }
      loopback.clientConnection.close(); // ends the accepting thread
      server.join();
    }
  }

  static void echo(BidirectionalStream stream) {
    try (stream;
        Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(64 * 1024);
      for (long count; (count = stream.receive(buffer)) >= 0; ) {
        stream.send(buffer.asSlice(0, count));
      }
      stream.finish();
    } catch (Exception e) {
      // The peer went away.
    }
  }
}
