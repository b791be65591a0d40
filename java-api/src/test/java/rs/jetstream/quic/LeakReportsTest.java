package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(60)
@ExtendWith(LeakExtension.class)
final class LeakReportsTest {
  private record Report(String message, Throwable opened) {}

  private final Queue<Report> reports = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void listen() {
    LeakReports.sink((message, opened) -> reports.add(new Report(message, opened)));
  }

  @AfterEach
  void stop() {
    LeakReports.sink(null);
  }

  @Test
  void whatWasLeftOpenIsReportedWithThePlaceWhereItWasOpened() throws Exception {
    try (Loopback loopback = new Loopback()) {
      BidirectionalStream forgotten = openForgotten(loopback.clientConnection);
      loopback.clientConnection.openBidirectional().close();
      loopback.clientConnection.close();
      assertThat(forgotten.isClosed()).isTrue();
    }
    assertThat(reports)
        .filteredOn(entry -> entry.message().contains("stream"))
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.message()).contains("left open until its connection was closed");
          assertThat(entry.opened().getStackTrace())
              .anyMatch(frame -> frame.getMethodName().equals("openForgotten"));
        });
    // The server's end of the connection was closed by nobody but its endpoint.
    assertThat(reports)
        .filteredOn(entry -> entry.message().contains("a connection was left open"))
        .singleElement()
        .satisfies(entry -> assertThat(entry.message()).contains("its endpoint was closed"));
  }

  /** What is dropped stays its owner's: the collector frees nothing, and closing the owner all. */
  @Test
  void tenThousandDroppedStreamsGoWithTheirConnection() throws Exception {
    int count = 10_000;
    QuicSettings many = QuicSettings.builder().maxRemoteBidirectionalStreams(count).build();
    try (Loopback loopback = new Loopback(many, QuicSettings.defaults())) {
      for (int i = 0; i < count; i++) {
        assertThat(openForgotten(loopback.clientConnection).isClosed()).isFalse();
      }
      assertThat(JetStreamLibrary.counters().streams()).isEqualTo(count);
      assertThat(loopback.clientConnection.statistics().streams()).isEqualTo(count);
      loopback.clientConnection.close();
      assertThat(JetStreamLibrary.counters().streams()).isZero();
    }
    assertThat(reports)
        .filteredOn(entry -> entry.message().contains("left open until its connection was closed"))
        .hasSize(count)
        .allSatisfy(entry ->
            assertThat(entry.opened().getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("openForgotten")));
  }

  /** Nobody but the wake-ups knows them any more, and those must find whom to wake. */
  @Test
  void droppedConnectionsAreHeldUntilTheirEndpointIsClosed() throws Exception {
    int count = 50;
    WeakReference<QuicConnection> first;
    try (Loopback loopback = new Loopback()) {
      first = connectForgotten(loopback);
      for (int i = 1; i < count; i++) {
        assertThat(connectForgotten(loopback).get()).isNotNull();
      }
      System.gc();
      assertThat(first.get()).isNotNull();
      assertThat(loopback.client.openConnections()).hasSize(count + 1);
      // Both ends of each.
      assertThat(JetStreamLibrary.counters().connections()).isGreaterThan(count);
    }
    assertThat(JetStreamLibrary.counters().connections()).isZero();
    assertThat(reports)
        .filteredOn(entry ->
            Stream.of(entry.opened().getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("connectForgotten")))
        .hasSize(count)
        .allSatisfy(entry ->
            assertThat(entry.message())
                .isEqualTo("a connection was left open until its endpoint was closed"));
    while (first.get() != null) { // what is closed is held by nobody
      System.gc();
    }
  }

  private static WeakReference<QuicConnection> connectForgotten(Loopback loopback)
      throws Exception {
    return new WeakReference<>(Loopback.connect(loopback.client, loopback.server));
  }

  private static BidirectionalStream openForgotten(QuicConnection connection) throws Exception {
    return connection.openBidirectional();
  }

  @Test
  void nothingIsNotedWhileItIsOff() throws Exception {
    LeakReports.sink(null);
    try (Loopback loopback = new Loopback()) {
      assertThat(openForgotten(loopback.clientConnection).isClosed()).isFalse();
    }
    assertThat(reports).isEmpty();
  }
}
