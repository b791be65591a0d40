package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import rs.jetstream.quic.JetStreamLibrary;
import rs.jetstream.quic.JetStreamLibrary.Counters;

/** Fails a test that leaves something native alive. */
final class LeakExtension implements AfterEachCallback {
  private static final Duration BOUND = Duration.ofSeconds(10);

  @Override
  public void afterEach(ExtensionContext context) {
    long until = System.nanoTime() + BOUND.toNanos();
    // The last memory goes with its thread, a moment after close() has returned.
    while (alive(JetStreamLibrary.counters()) != 0 && System.nanoTime() - until < 0) {
      Thread.onSpinWait();
    }
    Counters counters = JetStreamLibrary.counters();
    assertThat(alive(counters)).as("alive after %s: %s", BOUND, counters).isZero();
  }

  private static long alive(Counters it) {
    return it.endpoints()
        + it.connects()
        + it.connections()
        + it.streams()
        + it.leases()
        + it.claims()
        + it.endpointThreads();
  }
}
