package rs.jetstream.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.JetStreamException;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.quic.SendStream;
import rs.jetstream.quic.ServerLimits;
import rs.jetstream.rpc.InProcessServer;
import rs.jetstream.rpc.JetStreamClient;
import rs.jetstream.rpc.JetStreamServer;
import rs.jetstream.rpc.RpcException;

/** What registries hear of real endpoints and calls. */
@Timeout(60)
final class MetricsTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private static QuicServer server(ServerLimits limits) throws Exception {
    return QuicServer.builder()
        .identity(TestPki.SERVER.identity())
        .trust(TestPki.CA.trust())
        .limits(limits)
        .open();
  }

  private static QuicClient client() throws Exception {
    return QuicClient.builder()
        .identity(TestPki.CLIENT.identity())
        .trust(TestPki.CA.trust())
        .open();
  }

  private double gauge(String name, String... tags) {
    return registry.get(name).tags(tags).gauge().value();
  }

  private double counter(String name, String... tags) {
    return registry.get(name).tags(tags).functionCounter().count();
  }

  /** Events come on a thread of their own. */
  private static void until(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      // Of the timeout.
      assertThat(Thread.interrupted()).isFalse();
      Thread.onSpinWait();
    }
  }

  @Test
  void metersTellOfConnectionsTrafficAndRefusals() throws Exception {
    ServerLimits one = ServerLimits.builder().maxConnections(1).build();
    try (QuicServer server = server(one);
        QuicClient client = client();
        EndpointMetrics ofServer = EndpointMetrics.of(server, "front");
        EndpointMetrics ofClient = EndpointMetrics.of(client, "outward")) {
      ofServer.bindTo(registry);
      ofClient.bindTo(registry);
      assertThat(counter("jetstream.connections.established", "role", "server")).isZero();
      try (QuicConnection connection = client.connect(server.localAddress(), "localhost", SOON);
          QuicConnection accepted = server.accept(SOON);
          BidirectionalStream stream = connection.openBidirectional()) {
        stream.sendAndFinish(new byte[100_000]);
        try (BidirectionalStream peer = accepted.acceptBidirectional(SOON)) {
          assertThat(peer.receiveAll(100_000)).hasSize(100_000);
          assertThat(gauge("jetstream.connections.streams", "role", "server")).isEqualTo(1);
        }
        assertThat(catchThrowable(() -> client.connect(server.localAddress(), "localhost", SOON)))
            .isNotNull();
        assertThat(gauge("jetstream.connections", "endpoint", "front")).isEqualTo(1);
        assertThat(counter("jetstream.connections.established", "role", "server")).isEqualTo(1);
        assertThat(
                counter("jetstream.connections.refused", "limit", "connections", "role", "server"))
            .isEqualTo((double) server.statistics().refused().connections())
            .isPositive();
        assertThat(counter("jetstream.traffic", "direction", "received", "role", "server"))
            .isGreaterThan(100_000);
        assertThat(counter("jetstream.traffic", "direction", "sent", "role", "client"))
            .isGreaterThan(100_000);
        assertThat(gauge("jetstream.connections.rtt.max", "role", "client")).isPositive();
        assertThat(gauge("jetstream.connections.congestion.window", "role", "client")).isPositive();
        assertThat(gauge("jetstream.socket.buffer", "direction", "sent", "role", "client"))
            .isEqualTo((double) client.statistics().socketSendBuffer());
        connection.close(3);
        // Else the server's own close could come first, and be the reason.
        JetStreamException ignored = accepted.onClose().get(20, TimeUnit.SECONDS);
      }
      until(() ->
          registry
                  .find("jetstream.connections.lifetime")
                  .tags("role", "server", "reason", "application_close")
                  .timers()
                  .stream()
                  .mapToLong(Timer::count)
                  .sum()
              == 1);
      assertThat(registry.get("jetstream.handshakes").tag("role", "server").timer().count())
          .isEqualTo(1);
      server.close(0, SOON);
      assertThat(counter("jetstream.connections.established", "role", "server")).isEqualTo(1);
      assertThat(gauge("jetstream.connections", "role", "server")).isNaN();
    }
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void tagsHaveValuesOfFixedLists() throws Exception {
    try (QuicServer server = server(ServerLimits.defaults());
        EndpointMetrics metrics = EndpointMetrics.of(server, "front")) {
      metrics.bindTo(registry);
      Set<String> tags = new TreeSet<>();
      for (Meter meter : registry.getMeters()) {
        assertThat(meter.getId().getName()).startsWith("jetstream.");
        meter.getId().getTagsAsIterable().forEach(tag -> tags.add(tag.getKey()));
        assertThat(meter.getId().getTags())
            .contains(Tag.of("endpoint", "front"), Tag.of("role", "server"));
      }
      assertThat(tags).containsExactly("cause", "direction", "endpoint", "limit", "role");
    }
  }

  @Test
  void closedEndpointIsRefusedAndLeavesNoMeter() throws Exception {
    QuicServer server = server(ServerLimits.defaults());
    server.close();
    EndpointMetrics metrics = EndpointMetrics.of(server, "front");
    assertThatThrownBy(() -> metrics.bindTo(registry)).isInstanceOf(IllegalStateException.class);
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void libraryTellsWhatIsAlive() throws Exception {
    new LibraryMetrics().bindTo(registry);
    double endpoints = gauge("jetstream.native.handles", "kind", "endpoint");
    try (QuicServer server = server(ServerLimits.defaults());
        QuicClient client = client();
        QuicConnection connection = client.connect(server.localAddress(), "localhost", SOON);
        SendStream stream = connection.openUnidirectional()) {
      assertThat(gauge("jetstream.native.handles", "kind", "endpoint")).isEqualTo(endpoints + 2);
      assertThat(gauge("jetstream.native.handles", "kind", "stream")).isPositive();
      assertThat(gauge("jetstream.native.memory")).isPositive();
      assertThat(gauge("jetstream.native.threads")).isGreaterThanOrEqualTo(2);
      assertThat(gauge("jetstream.native.memory.held", "kind", "claimed")).isZero();
      var claim = stream.claim(5000);
      assertThat(gauge("jetstream.native.memory.held", "kind", "claimed")).isEqualTo(5000);
      claim.close();
      assertThat(gauge("jetstream.native.memory.held", "kind", "claimed")).isZero();
    }
    assertThat(counter("jetstream.native.panics")).isZero();
  }

  @Test
  void callsAreTimedByServiceMethodAndOutcome() throws Exception {
    Clock clock =
        number -> {
          if (number > 12) {
            throw new RpcException("no such hour");
          }
          return number + " o'clock";
        };
    try (InProcessServer server =
            JetStreamServer.builder()
                .service(clock)
                .listener(CallMetrics.ofServer(registry))
                .openInProcess();
        JetStreamClient client =
            JetStreamClient.builder()
                .inProcess(server)
                .listener(CallMetrics.ofClient(registry))
                .open()) {
      Clock remote = client.service(Clock.class);
      assertThat(remote.hour(3)).isEqualTo("3 o'clock");
      assertThat(remote.hour(4)).isEqualTo("4 o'clock");
      assertThatThrownBy(() -> remote.hour(13)).isInstanceOf(RpcException.class);
    }
    for (String side : new String[] {"client", "server"}) {
      // A server tells its listener after it has answered.
      String failed = side.equals("client") ? "remote_error" : "application_error";
      until(() -> calls(side, "ok") == 2 && calls(side, failed) == 1);
      Timer ok = registry.get("jetstream.calls").tags("side", side, "outcome", "ok").timer();
      assertThat(ok.getId().getTag("method")).isEqualTo("hour");
      assertThat(ok.getId().getTag("service")).isEqualTo("clock");
    }
  }

  private long calls(String side, String outcome) {
    return registry.find("jetstream.calls").tags("side", side, "outcome", outcome).timers().stream()
        .mapToLong(Timer::count)
        .sum();
  }
}
