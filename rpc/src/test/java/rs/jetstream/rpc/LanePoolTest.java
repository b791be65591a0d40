package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.wire.ServiceVersion;

@Timeout(60)
final class LanePoolTest {
  private static final ServiceDescriptor SERVICE =
      new ServiceDescriptor(ServiceVersion.of(ServiceVersion.PREFIX + "/pool/1.0.0"), List.of());

  private static final ClientSettings SETTINGS =
      new ClientSettings(
          List.of(),
          new RpcEvents(List.of(), true),
          1 << 16,
          4,
          1,
          4,
          1,
          1 << 20,
          Duration.ofSeconds(10),
          Duration.ofSeconds(10));

  @Test
  void openingThatEndsByAnErrorIsToldAndTriedAgain() {
    AtomicInteger opened = new AtomicInteger();
    LaneOpener opener =
        new LaneOpener() {
          @Override
          public LaneTransport open(int index) {
            throw new OutOfMemoryError("planted, " + opened.incrementAndGet());
          }

          @Override
          public void close() {}
        };
    LanePool pool = new LanePool(SETTINGS, SERVICE, opener);
    for (int time = 1; time <= 3; time++) {
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      String planted = "planted, " + time;
      assertThatThrownBy(() -> pool.get(deadline))
          .isInstanceOfSatisfying(
              RpcException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INTERNAL))
          .hasMessageContaining(planted);
    }
    pool.close();
  }
}
