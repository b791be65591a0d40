package rs.jetstream.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToLongFunction;
import rs.jetstream.quic.JetStreamLibrary;
import rs.jetstream.quic.JetStreamLibrary.Counters;

/**
 * The meters of the native library, of all endpoints of the process together.
 *
 * <table>
 *   <caption>Meters</caption>
 *   <tr><th>name</th><th>kind, unit</th><th>tags</th><th>what</th></tr>
 *   <tr><td>jetstream.native.handles</td><td>gauge, handles</td>
 *       <td>kind: endpoint, connect, connection, stream, lease, claim</td><td>alive</td></tr>
 *   <tr><td>jetstream.native.memory</td><td>gauge, bytes</td><td></td>
 *       <td>allocated by Rust and s2n-tls; aws-lc, stacks and kernel buffers are not seen</td></tr>
 *   <tr><td>jetstream.native.memory.held</td><td>gauge, bytes</td><td>kind: leased, claimed, sending</td>
 *       <td>the part of it that connections hold for data</td></tr>
 *   <tr><td>jetstream.native.threads</td><td>gauge, threads</td><td></td><td>of endpoints</td></tr>
 *   <tr><td>jetstream.native.panics</td><td>counter, panics</td><td></td>
 *       <td>caught at a boundary: each is a bug</td></tr>
 * </table>
 */
public final class LibraryMetrics implements MeterBinder {
  private static final String HANDLES = "jetstream.native.handles";
  private static final String HELD = "jetstream.native.memory.held";

  /** Of this process. */
  public LibraryMetrics() {}

  @Override
  public void bindTo(MeterRegistry registry) {
    gauge(registry, HANDLES, "handles", "endpoint", Counters::endpoints);
    gauge(registry, HANDLES, "handles", "connect", Counters::connects);
    gauge(registry, HANDLES, "handles", "connection", Counters::connections);
    gauge(registry, HANDLES, "handles", "stream", Counters::streams);
    gauge(registry, HANDLES, "handles", "lease", Counters::leases);
    gauge(registry, HANDLES, "handles", "claim", Counters::claims);
    gauge(registry, HELD, "bytes", "leased", Counters::leasedBytes);
    gauge(registry, HELD, "bytes", "claimed", Counters::claimedBytes);
    gauge(registry, HELD, "bytes", "sending", Counters::sendBufferedBytes);
    Gauge.builder("jetstream.native.memory", () -> JetStreamLibrary.counters().allocatedBytes())
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("jetstream.native.threads", () -> JetStreamLibrary.counters().endpointThreads())
        .baseUnit("threads")
        .register(registry);
    FunctionCounter.builder(
            "jetstream.native.panics",
            JetStreamLibrary.class,
            it -> JetStreamLibrary.counters().panics())
        .baseUnit("panics")
        .register(registry);
  }

  private static void gauge(
      MeterRegistry registry,
      String name,
      String unit,
      String kind,
      ToLongFunction<Counters> value) {
    Gauge.builder(name, () -> value.applyAsLong(JetStreamLibrary.counters()))
        .baseUnit(unit)
        .tag("kind", kind)
        .register(registry);
  }
}
