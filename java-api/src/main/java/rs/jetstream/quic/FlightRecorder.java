package rs.jetstream.quic;

import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;

/**
 * Writes what happens on endpoints into the JDK's flight recordings.
 *
 * <p>Endpoints are listened to only while a recording runs, so nothing costs anything without one.
 */
final class FlightRecorder {
  private static final AtomicBoolean INSTALLED = new AtomicBoolean();
  private static final java.util.Set<QuicEndpoint> ENDPOINTS = ConcurrentHashMap.newKeySet();
  private static final EndpointListener WRITER = FlightRecorder::write;

  private FlightRecorder() {}

  /** A handshake is done. */
  @Name("rs.jetstream.ConnectionOpened")
  @Label("Connection Opened")
  @Category({"JetStream", "QUIC"})
  @Description("A QUIC handshake is done")
  @StackTrace(false)
  static final class ConnectionOpened extends Event {
    @Label("Connection")
    long connection;

    @Label("Peer")
    String peer = "";

    @Label("Handshake Time")
    @Timespan
    long handshakeTime;
  }

  /** A connection has ended. */
  @Name("rs.jetstream.ConnectionClosed")
  @Label("Connection Closed")
  @Category({"JetStream", "QUIC"})
  @Description("A QUIC connection has ended")
  @StackTrace(false)
  static final class ConnectionClosed extends Event {
    @Label("Connection")
    long connection;

    @Label("Peer")
    String peer = "";

    @Label("Reason")
    String reason = "";

    @Label("Initiator")
    String initiator = "";

    @Label("Code")
    long code;

    @Label("Age")
    @Timespan
    long age;
  }

  /** A handshake failed. */
  @Name("rs.jetstream.HandshakeFailed")
  @Label("Handshake Failed")
  @Category({"JetStream", "QUIC"})
  @Description("A QUIC handshake did not come to its end")
  @StackTrace(false)
  static final class HandshakeFailed extends Event {
    @Label("Peer")
    String peer = "";

    @Label("Reason")
    String reason = "";

    @Label("Cause")
    @Description("Why this side refused the peer; empty where it did not")
    String cause = "";

    @Label("Code")
    long code;
  }

  /** A limit was reached. */
  @Name("rs.jetstream.LimitHit")
  @Label("Limit Hit")
  @Category({"JetStream", "QUIC"})
  @Description("An attempt to connect was not let in because of a limit")
  @StackTrace(false)
  static final class LimitHit extends Event {
    @Label("Peer")
    String peer = "";

    @Label("Limit")
    String limit = "";
  }

  /** A path changed. */
  @Name("rs.jetstream.PathChanged")
  @Label("Path Changed")
  @Category({"JetStream", "QUIC"})
  @Description("The address of a QUIC peer has changed")
  @StackTrace(false)
  static final class PathChanged extends Event {
    @Label("Connection")
    long connection;

    @Label("Peer")
    String peer = "";
  }

  /** Many losses at once. */
  @Name("rs.jetstream.LossBurst")
  @Label("Loss Burst")
  @Category({"JetStream", "QUIC"})
  @Description("Many packets of a QUIC connection were lost within one round trip")
  @StackTrace(false)
  static final class LossBurst extends Event {
    @Label("Connection")
    long connection;

    @Label("Peer")
    String peer = "";

    @Label("Packets")
    long packets;
  }

  /** Sending waited for room. */
  @Name("rs.jetstream.StreamStalled")
  @Label("Stream Stalled")
  @Category({"JetStream", "QUIC"})
  @Description(
      "A call that sends waited: for the peer's flow control, for acknowledgements, or for the"
          + " budget of its connection or endpoint")
  @Threshold("20 ms")
  static final class StreamStalled extends Event {
    @Label("Connection")
    long connection;

    @Label("Stream")
    long stream;

    @Label("Peer")
    String peer = "";

    /** Of the time since {@link #begin}, when a recording wants to know. */
    void write(QuicConnection connection, long stream) {
      end();
      if (!shouldCommit()) {
        return;
      }
      this.stream = stream;
      try {
        this.connection = connection.statistics().number();
        peer = connection.peerAddress().toString();
      } catch (IOException | IllegalStateException e) {
        // Closed meanwhile: its number and peer stand in the event of that.
      }
      commit();
    }
  }

  /** The endpoint is written about while a recording runs. */
  static void add(QuicEndpoint endpoint) {
    ENDPOINTS.add(endpoint);
    if (INSTALLED.compareAndSet(false, true)) {
      jdk.jfr.FlightRecorder.addListener(
          new FlightRecorderListener() {
            @Override
            public void recordingStateChanged(Recording recording) {
              boolean records = recording.getState() == RecordingState.RUNNING || isRunning();
              ENDPOINTS.forEach(it -> follow(it, records));
            }
          });
    }
    if (isRunning()) {
      follow(endpoint, true);
    }
  }

  static void remove(QuicEndpoint endpoint) {
    ENDPOINTS.remove(endpoint);
  }

  private static boolean isRunning() {
    return jdk.jfr.FlightRecorder.isInitialized()
        && jdk.jfr.FlightRecorder.getFlightRecorder().getRecordings().stream()
            .anyMatch(recording -> recording.getState() == RecordingState.RUNNING);
  }

  private static void follow(QuicEndpoint endpoint, boolean records) {
    endpoint.events().remove(WRITER);
    if (records) {
      endpoint.events().add(WRITER);
    }
  }

  private static void write(EndpointEvent event) {
    String peer = event.peer().toString();
    switch (event) {
      case EndpointEvent.Opened it -> {
        ConnectionOpened out = new ConnectionOpened();
        out.connection = it.connection();
        out.peer = peer;
        out.handshakeTime = it.handshakeTime().toNanos();
        out.commit();
      }
      case EndpointEvent.Closed it -> {
        ConnectionClosed out = new ConnectionClosed();
        out.connection = it.connection();
        out.peer = peer;
        out.reason = it.reason().kind().name();
        out.initiator = it.reason().initiator().name();
        out.code = it.reason().code();
        out.age = it.age().toNanos();
        out.commit();
      }
      case EndpointEvent.HandshakeFailed it -> {
        HandshakeFailed out = new HandshakeFailed();
        out.peer = peer;
        out.reason = it.reason().kind().name();
        out.cause = it.cause().map(RefusedHandshake.Cause::name).orElse("");
        out.code = it.reason().code();
        out.commit();
      }
      case EndpointEvent.Refused it -> {
        LimitHit out = new LimitHit();
        out.peer = peer;
        out.limit = it.limit();
        out.commit();
      }
      case EndpointEvent.PathChanged it -> {
        PathChanged out = new PathChanged();
        out.connection = it.connection();
        out.peer = peer;
        out.commit();
      }
      case EndpointEvent.LossBurst it -> {
        LossBurst out = new LossBurst();
        out.connection = it.connection();
        out.peer = peer;
        out.packets = it.packets();
        out.commit();
      }
    }
  }
}
