package rs.jetstream.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.ConnectionStatistics;
import rs.jetstream.quic.EndpointEvent;
import rs.jetstream.quic.EndpointListener;
import rs.jetstream.quic.EndpointStatistics;
import rs.jetstream.quic.JetStreamException;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.quic.RefusedHandshake;

/**
 * The meters of one server or client.
 *
 * <p>All have the tags {@code endpoint}, the name given here, and {@code role}, server or client.
 * No tag has a value that a peer chooses: a name of a limit, a direction, or the kind of a failure
 * is one of a fixed list. Numbers are read when a registry asks for them, those of connections by
 * adding up all that are open.
 *
 * <table>
 *   <caption>Meters</caption>
 *   <tr><th>name</th><th>kind, unit</th><th>tags</th><th>what</th></tr>
 *   <tr><td>jetstream.connections</td><td>gauge, connections</td><td></td>
 *       <td>now, handshakes under way included</td></tr>
 *   <tr><td>jetstream.connections.established</td><td>counter, connections</td><td></td>
 *       <td>whose handshake was done</td></tr>
 *   <tr><td>jetstream.connections.refused</td><td>counter, datagrams</td><td>limit</td>
 *       <td>attempts that a limit of the server kept out</td></tr>
 *   <tr><td>jetstream.connections.lifetime</td><td>timer</td><td>reason</td>
 *       <td>of those that have ended</td></tr>
 *   <tr><td>jetstream.connections.rtt.max</td><td>gauge, seconds</td><td></td>
 *       <td>longest smoothed round trip of those open</td></tr>
 *   <tr><td>jetstream.connections.congestion.window</td><td>gauge, bytes</td><td></td>
 *       <td>sum of those open</td></tr>
 *   <tr><td>jetstream.connections.in.flight</td><td>gauge, bytes</td><td></td>
 *       <td>sum of those open</td></tr>
 *   <tr><td>jetstream.connections.streams</td><td>gauge, streams</td><td></td>
 *       <td>open on those open</td></tr>
 *   <tr><td>jetstream.handshakes</td><td>timer</td><td></td><td>that were done</td></tr>
 *   <tr><td>jetstream.handshakes.failed</td><td>counter, handshakes</td><td>cause</td>
 *       <td>that this side refused for their TLS</td></tr>
 *   <tr><td>jetstream.retries</td><td>counter, datagrams</td><td></td><td>answered by Retry</td></tr>
 *   <tr><td>jetstream.datagrams</td><td>counter, datagrams</td><td>direction</td><td>of UDP</td></tr>
 *   <tr><td>jetstream.traffic</td><td>counter, bytes</td><td>direction</td><td>payload of UDP</td></tr>
 *   <tr><td>jetstream.datagrams.dropped</td><td>counter, datagrams</td><td></td>
 *       <td>that belong to no connection, or break the protocol</td></tr>
 *   <tr><td>jetstream.packets.lost</td><td>counter, packets</td><td></td><td></td></tr>
 *   <tr><td>jetstream.loss.bursts</td><td>counter, bursts</td><td></td>
 *       <td>many losses within one round trip</td></tr>
 *   <tr><td>jetstream.path.changes</td><td>counter, changes</td><td></td>
 *       <td>of the address of a peer</td></tr>
 *   <tr><td>jetstream.stateless.resets</td><td>counter, packets</td><td></td><td>sent</td></tr>
 *   <tr><td>jetstream.send.buffered</td><td>gauge, bytes</td><td></td>
 *       <td>kept until peers acknowledge them</td></tr>
 *   <tr><td>jetstream.socket.buffer</td><td>gauge, bytes</td><td>direction</td>
 *       <td>that the kernel granted</td></tr>
 *   <tr><td>jetstream.events.dropped</td><td>counter, events</td><td></td>
 *       <td>that came faster than listeners took them: timers miss these</td></tr>
 *   <tr><td>jetstream.qlog.dropped</td><td>counter, records</td><td></td><td></td></tr>
 * </table>
 *
 * <h2>Lifecycle</h2>
 *
 * <p>{@link #close()} removes the meters, and is called before or after the endpoint's: of a closed
 * endpoint counters keep their last values, and gauges have none.
 *
 * <h2>Threads</h2>
 *
 * <p>Any thread.
 */
public final class EndpointMetrics implements MeterBinder, AutoCloseable {
  private static final String DIRECTION = "direction";
  private static final EndpointStatistics NOTHING =
      new EndpointStatistics(
          0,
          0,
          0,
          Map.of(),
          0,
          new EndpointStatistics.Refused(0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0);

  private final Supplier<? extends Iterable<QuicConnection>> connections;
  private final Reading reading;
  private final Listen listen;
  private final Ignore ignore;
  private final Tags tags;
  private final Queue<Runnable> undo = new ConcurrentLinkedQueue<>();
  private volatile EndpointStatistics last = NOTHING;

  private interface Reading {
    EndpointStatistics read() throws IOException;
  }

  private interface Listen {
    void listen(EndpointListener listener);
  }

  private interface Ignore {
    void ignore(EndpointListener listener);
  }

  private EndpointMetrics(
      String name,
      String role,
      Supplier<? extends Iterable<QuicConnection>> connections,
      Reading reading,
      Listen listen,
      Ignore ignore) {
    this.tags = Tags.of("endpoint", Objects.requireNonNull(name, "name"), "role", role);
    this.connections = connections;
    this.reading = reading;
    this.listen = listen;
    this.ignore = ignore;
  }

  /** The meters of {@code server}, told apart by {@code name}: one that the program chooses. */
  public static EndpointMetrics of(QuicServer server, String name) {
    return new EndpointMetrics(
        name,
        "server",
        server::openConnections,
        server::statistics,
        server::listen,
        server::ignore);
  }

  /** The meters of {@code client}, told apart by {@code name}: one that the program chooses. */
  public static EndpointMetrics of(QuicClient client, String name) {
    return new EndpointMetrics(
        name,
        "client",
        client::openConnections,
        client::statistics,
        client::listen,
        client::ignore);
  }

  /**
   * Registers the meters, and begins to listen.
   *
   * @throws IllegalStateException when the endpoint is closed
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    Meters meters = new Meters(registry);
    Told told = new Told(registry, meters.ids);
    Runnable undoing =
        () -> {
          ignore.ignore(told);
          meters.ids.forEach(registry::remove);
        };
    boolean bound = false;
    try {
      listen.listen(told);
      meters.bind();
      undo.add(undoing);
      bound = true;
    } finally {
      if (!bound) {
        undoing.run();
      }
    }
  }

  /** Removes the meters. Idempotent. */
  @Override
  public void close() {
    for (Runnable it = undo.poll(); it != null; it = undo.poll()) {
      it.run();
    }
  }

  /** Of this moment, or the last ones when the endpoint is closed. */
  private EndpointStatistics counted() {
    EndpointStatistics now = now();
    return now == null ? last : now;
  }

  private @Nullable EndpointStatistics now() {
    try {
      EndpointStatistics now = reading.read();
      last = now;
      return now;
    } catch (IOException | IllegalStateException e) {
      return null;
    }
  }

  private double overConnections(ToDoubleFunction<List<ConnectionStatistics>> sum) {
    List<ConnectionStatistics> all = new ArrayList<>();
    for (QuicConnection connection : connections.get()) {
      try {
        all.add(connection.statistics());
      } catch (IOException | IllegalStateException e) {
        // Ended meanwhile.
      }
    }
    return sum.applyAsDouble(all);
  }

  /** The meters in one registry. */
  private final class Meters {
    private final MeterRegistry registry;
    private final List<Meter> ids = new CopyOnWriteArrayList<>();

    Meters(MeterRegistry registry) {
      this.registry = registry;
    }

    void bind() {
      gauge("jetstream.connections", "connections", EndpointStatistics::connections);
      counter("jetstream.connections.established", "connections", EndpointStatistics::established);
      refused("connections", EndpointStatistics.Refused::connections);
      refused("connectionsPerSource", EndpointStatistics.Refused::connectionsPerSource);
      refused("handshakes", EndpointStatistics.Refused::handshakes);
      refused("unaccepted", EndpointStatistics.Refused::unaccepted);
      refused("rate", EndpointStatistics.Refused::rate);
      refused("ratePerSource", EndpointStatistics.Refused::ratePerSource);
      refused("nativeBytes", EndpointStatistics.Refused::nativeBytes);
      refused("address", EndpointStatistics.Refused::address);
      refused("token", EndpointStatistics.Refused::token);
      refused("draining", EndpointStatistics.Refused::draining);
      for (RefusedHandshake.Cause cause : RefusedHandshake.Cause.values()) {
        counter(
            "jetstream.handshakes.failed",
            "handshakes",
            it -> it.handshakesRefused().getOrDefault(cause, 0L),
            "cause",
            cause.name().toLowerCase(Locale.ROOT));
      }
      counter("jetstream.retries", "datagrams", EndpointStatistics::retries);
      counter(
          "jetstream.datagrams", "datagrams", EndpointStatistics::datagramsSent, DIRECTION, "sent");
      counter(
          "jetstream.datagrams",
          "datagrams",
          EndpointStatistics::datagramsReceived,
          DIRECTION,
          "received");
      counter("jetstream.traffic", "bytes", EndpointStatistics::bytesSent, DIRECTION, "sent");
      counter(
          "jetstream.traffic", "bytes", EndpointStatistics::bytesReceived, DIRECTION, "received");
      counter("jetstream.datagrams.dropped", "datagrams", EndpointStatistics::datagramsDropped);
      counter("jetstream.packets.lost", "packets", EndpointStatistics::packetsLost);
      counter("jetstream.stateless.resets", "packets", EndpointStatistics::statelessResets);
      gauge("jetstream.send.buffered", "bytes", EndpointStatistics::sendBuffered);
      gauge(
          "jetstream.socket.buffer",
          "bytes",
          EndpointStatistics::socketReceiveBuffer,
          DIRECTION,
          "received");
      gauge(
          "jetstream.socket.buffer",
          "bytes",
          EndpointStatistics::socketSendBuffer,
          DIRECTION,
          "sent");
      counter("jetstream.events.dropped", "events", EndpointStatistics::eventsDropped);
      counter("jetstream.qlog.dropped", "records", EndpointStatistics::qlogDropped);
      connections(
          "jetstream.connections.rtt.max",
          "seconds",
          all -> all.stream().mapToLong(it -> it.smoothedRtt().toNanos()).max().orElse(0) / 1e9);
      connections(
          "jetstream.connections.congestion.window",
          "bytes",
          all -> all.stream().mapToLong(ConnectionStatistics::congestionWindow).sum());
      connections(
          "jetstream.connections.in.flight",
          "bytes",
          all -> all.stream().mapToLong(ConnectionStatistics::bytesInFlight).sum());
      connections(
          "jetstream.connections.streams",
          "streams",
          all -> all.stream().mapToLong(ConnectionStatistics::streams).sum());
    }

    private void refused(String limit, ToLongFunction<EndpointStatistics.Refused> count) {
      counter(
          "jetstream.connections.refused",
          "datagrams",
          it -> count.applyAsLong(it.refused()),
          "limit",
          limit);
    }

    private void counter(
        String name, String unit, ToLongFunction<EndpointStatistics> count, String... more) {
      ids.add(
          FunctionCounter.builder(name, EndpointMetrics.this, it -> count.applyAsLong(it.counted()))
              .baseUnit(unit)
              .tags(tags.and(more))
              .register(registry));
    }

    private void gauge(
        String name, String unit, ToLongFunction<EndpointStatistics> value, String... more) {
      ids.add(
          Gauge.builder(
                  name,
                  EndpointMetrics.this,
                  it -> {
                    EndpointStatistics now = it.now();
                    return now == null ? Double.NaN : value.applyAsLong(now);
                  })
              .baseUnit(unit)
              .tags(tags.and(more))
              .register(registry));
    }

    private void connections(
        String name, String unit, ToDoubleFunction<List<ConnectionStatistics>> sum) {
      ids.add(
          Gauge.builder(name, EndpointMetrics.this, it -> it.overConnections(sum))
              .baseUnit(unit)
              .tags(tags)
              .register(registry));
    }
  }

  /** Counts what only events tell. */
  private final class Told implements EndpointListener {
    private final MeterRegistry registry;
    private final List<Meter> ids;
    private final Timer handshakes;
    private final Counter lossBursts;
    private final Counter pathChanges;

    Told(MeterRegistry registry, List<Meter> ids) {
      this.registry = registry;
      this.ids = ids;
      handshakes = Timer.builder("jetstream.handshakes").tags(tags).register(registry);
      lossBursts =
          Counter.builder("jetstream.loss.bursts").baseUnit("bursts").tags(tags).register(registry);
      pathChanges =
          Counter.builder("jetstream.path.changes")
              .baseUnit("changes")
              .tags(tags)
              .register(registry);
      ids.addAll(List.of(handshakes, lossBursts, pathChanges));
    }

    @Override
    public void onEvent(EndpointEvent event) {
      switch (event) {
        case EndpointEvent.Opened it -> handshakes.record(it.handshakeTime());
        case EndpointEvent.Closed it -> lifetime(it.reason()).record(it.age());
        case EndpointEvent.LossBurst it -> lossBursts.increment();
        case EndpointEvent.PathChanged it -> pathChanges.increment();
        // Counted by the endpoint itself.
        case EndpointEvent.HandshakeFailed it -> {}
        case EndpointEvent.Refused it -> {}
      }
    }

    private Timer lifetime(JetStreamException reason) {
      Timer timer =
          Timer.builder("jetstream.connections.lifetime")
              .tags(tags.and("reason", reason.kind().name().toLowerCase(Locale.ROOT)))
              .register(registry);
      if (!ids.contains(timer)) {
        ids.add(timer);
      }
      return timer;
    }
  }
}
