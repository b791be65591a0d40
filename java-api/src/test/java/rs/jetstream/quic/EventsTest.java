package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.quic.JetStreamException.Kind;

/** What an endpoint tells listeners and flight recordings. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class EventsTest {
  private static final class Told implements EndpointListener {
    private final BlockingQueue<EndpointEvent> events = new LinkedBlockingQueue<>();

    @Override
    public void onEvent(EndpointEvent event) {
      events.add(event);
    }

    <E extends EndpointEvent> E next(Class<E> type) throws InterruptedException {
      while (true) {
        EndpointEvent event = events.poll(10, TimeUnit.SECONDS);
        assertThat(event).as("an event of " + type).isNotNull();
        if (type.isInstance(event)) {
          return type.cast(event);
        }
      }
    }
  }

  @Test
  void listenerHearsOpeningsAndEndings() throws Exception {
    Told told = new Told();
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder)) {
      server.listen(told);
      QuicConnection connection = Loopback.connect(client, server);
      EndpointEvent.Opened opened = told.next(EndpointEvent.Opened.class);
      assertThat(opened.handshakeTime()).isPositive();
      assertThat(opened.peer().getPort()).isEqualTo(client.localAddress().getPort());
      try (QuicConnection accepted = server.accept(Loopback.SOON)) {
        assertThat(accepted.statistics().number()).isEqualTo(opened.connection());
        connection.close(9);
        EndpointEvent.Closed closed = told.next(EndpointEvent.Closed.class);
        assertThat(closed.connection()).isEqualTo(opened.connection());
        assertThat(closed.reason().kind()).isEqualTo(Kind.APPLICATION_CLOSE);
        assertThat(closed.reason().initiator()).isEqualTo(Initiator.REMOTE);
        assertThat(closed.reason().code()).isEqualTo(9);
        assertThat(closed.age()).isGreaterThanOrEqualTo(opened.handshakeTime());
      }
      server.ignore(told);
      Loopback.connect(client, server).close();
      assertThat(told.events).isEmpty();
    }
  }

  @Test
  void listenerHearsRefusalsAndFailures() throws Exception {
    Told told = new Told();
    ServerLimits one = ServerLimits.builder().maxConnections(1).build();
    try (QuicServer server = Loopback.server(b -> b.limits(one));
        QuicClient client = Loopback.client(builder -> builder);
        QuicClient stranger =
            QuicClient.builder()
                .trust(TestPki.CA.trust())
                .identity(TestPki.STRANGER.identity())
                .open()) {
      server.listen(told);
      assertThat(catchThrowable(() -> Loopback.connect(stranger, server))).isNotNull();
      EndpointEvent.HandshakeFailed failed = told.next(EndpointEvent.HandshakeFailed.class);
      assertThat(failed.reason().initiator()).isEqualTo(Initiator.LOCAL);
      assertThat(failed.peer().getPort()).isEqualTo(stranger.localAddress().getPort());
      try (QuicConnection first = Loopback.connect(client, server)) {
        assertThat(catchThrowable(() -> Loopback.connect(client, server))).isNotNull();
        EndpointEvent.Refused refused = told.next(EndpointEvent.Refused.class);
        assertThat(refused.limit()).isEqualTo("connections");
        assertThat(first.closeReason()).isEmpty();
      }
    }
  }

  @Test
  void listenerThatFailsIsToldTheNextEventAllTheSame() throws Exception {
    Told told = new Told();
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder)) {
      server.listen(event -> {
        told.onEvent(event);
        if (event instanceof EndpointEvent.Closed) {
          throw new AssertionError("planted");
        }
        throw new IllegalStateException("planted");
      });
      Loopback.connect(client, server).close();
      EndpointEvent.Opened first = told.next(EndpointEvent.Opened.class);
      var _ = told.next(EndpointEvent.Closed.class);
      Loopback.connect(client, server).close();
      assertThat(told.next(EndpointEvent.Opened.class)).isNotEqualTo(first);
    }
  }

  @Test
  void flightRecordingHoldsConnections(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("quic.jfr");
    Told told = new Told();
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder);
        Recording recording = new Recording()) {
      recording.enable("rs.jetstream.ConnectionOpened");
      recording.enable("rs.jetstream.ConnectionClosed");
      recording.start();
      server.listen(told);
      Loopback.connect(client, server).close(5);
      // In order after the recording's own listener.
      var _ = told.next(EndpointEvent.Closed.class);
      recording.stop();
      recording.dump(file);
    }
    assertThat(Files.size(file)).isPositive();
    assertThat(RecordingFile.readAllEvents(file))
        .extracting(event -> event.getEventType().getName())
        .contains("rs.jetstream.ConnectionOpened", "rs.jetstream.ConnectionClosed");
    assertThat(RecordingFile.readAllEvents(file))
        .filteredOn(event -> event.getEventType().getName().endsWith("ConnectionClosed"))
        .extracting((RecordedEvent event) -> event.getLong("code"))
        .contains(5L);
  }
}
