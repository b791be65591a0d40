package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.Rebinding.Fate;

/** What a flight recording is told while it happens. */
@Timeout(90)
@ExtendWith(LeakExtension.class)
final class FlightRecorderTest {
  /** A recording of one kind of event. */
  private static final class Recorded implements AutoCloseable {
    private final RecordingStream stream = new RecordingStream();
    private final BlockingQueue<RecordedEvent> events = new LinkedBlockingQueue<>();

    Recorded(String kind) {
      stream.enable("rs.jetstream." + kind);
      stream.setReuse(false);
      stream.onEvent("rs.jetstream." + kind, events::add);
      stream.startAsync();
    }

    RecordedEvent next() throws InterruptedException {
      RecordedEvent event = events.poll(20, TimeUnit.SECONDS);
      assertThat(event).as("an event").isNotNull();
      return event;
    }

    @Override
    public void close() {
      stream.close();
    }
  }

  @Test
  void sendThatFindsNoRoomIsAStall() throws Exception {
    QuicSettings small =
        QuicSettings.builder().streamWindow(64 << 10).connectionWindow(48 << 10).build();
    try (Recorded recorded = new Recorded("StreamStalled");
        Loopback loopback = new Loopback(small, QuicSettings.defaults());
        SendStream stream = loopback.clientConnection.openUnidirectional()) {
      stream.timeout(Duration.ofMillis(200));
      // Nobody reads.
      assertThat(catchThrowable(() -> stream.send(new byte[4 << 20])))
          .isInstanceOf(StreamException.class);
      RecordedEvent event = recorded.next();
      assertThat(event.getLong("stream")).isEqualTo(stream.id());
      assertThat(event.getLong("connection"))
          .isEqualTo(loopback.clientConnection.statistics().number());
      assertThat(event.getString("peer")).isEqualTo(loopback.server.localAddress().toString());
      assertThat(event.getDuration()).isGreaterThan(Duration.ofMillis(20));
    }
  }

  @Test
  void attemptBeyondALimitIsTold() throws Exception {
    ServerLimits none = ServerLimits.builder().maxConnections(0).build();
    try (Recorded recorded = new Recorded("LimitHit");
        QuicServer server = Loopback.server(builder -> builder.limits(none));
        QuicClient client = Loopback.client(builder -> builder)) {
      assertThat(catchThrowable(() -> Loopback.connect(client, server))).isNotNull();
      assertThat(recorded.next().getString("limit")).isEqualTo("connections");
    }
  }

  @Test
  void strangerIsAFailedHandshake() throws Exception {
    try (Recorded recorded = new Recorded("HandshakeFailed");
        QuicServer server = Loopback.server(builder -> builder);
        QuicClient stranger =
            QuicClient.builder()
                .trust(TestPki.CA.trust())
                .identity(TestPki.STRANGER.identity())
                .open()) {
      assertThat(catchThrowable(() -> Loopback.connect(stranger, server))).isNotNull();
      assertThat(recorded.next().getString("reason")).isNotEmpty();
    }
  }

  @Test
  void manyLossesAtOnceAreABurst() throws Exception {
    try (Recorded recorded = new Recorded("LossBurst");
        QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder);
        Rebinding relay = new Rebinding(server.localAddress());
        QuicConnection connection = client.connect(relay.address(), "localhost", Loopback.SOON);
        QuicConnection accepted = server.accept(Loopback.SOON);
        SendStream stream = connection.openUnidirectional()) {
      for (int i = 0; i < 20; i++) {
        relay.fromClientNext(Fate.LOST, Fate.PASSED);
      }
      byte[] much = new byte[1 << 20];
      Waiting send =
          Waiting.started(
              true,
              () -> {
                stream.sendAndFinish(much);
                return true;
              });
      try (ReceiveStream theirs = accepted.acceptUnidirectional(Loopback.SOON)) {
        assertThat(theirs.receiveAll(much.length)).hasSameSizeAs(much);
      }
      assertThat(send.value()).isEqualTo(true);
      assertThat(recorded.next().getLong("packets")).isPositive();
      assertThat(connection.statistics().packetsLost()).isPositive();
    }
  }

  @Test
  void newPortOfAClientIsANewPath() throws Exception {
    try (Recorded recorded = new Recorded("PathChanged");
        QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder);
        Rebinding nat = new Rebinding(server.localAddress());
        QuicConnection connection = client.connect(nat.address(), "localhost", Loopback.SOON);
        QuicConnection accepted = server.accept(Loopback.SOON)) {
      int port = nat.rebind();
      assertThat(connection.ping(Loopback.SOON)).isPositive();
      assertThat(recorded.next().getString("peer")).endsWith(":" + port);
      assertThat(accepted.statistics().pathChanges()).isEqualTo(1);
    }
  }

  @Test
  void nothingIsListenedToWithoutARecording() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder)) {
      assertThat(server.events().isIdle()).isTrue();
      try (Recorded recorded = new Recorded("LimitHit")) {
        assertThat(server.events().isIdle()).isFalse();
        assertThat(recorded.events).isEmpty();
      }
      assertThat(server.events().isIdle()).isTrue();
    }
  }
}
