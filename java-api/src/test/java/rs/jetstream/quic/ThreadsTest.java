package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Which threads the library has, and which it holds up. */
@Timeout(120)
@ExtendWith(LeakExtension.class)
final class ThreadsTest {
  private static final String PINNED = "jdk.VirtualThreadPinned";
  private static final Duration LONG = Duration.ofMillis(20);

  private static final Duration AWHILE = Duration.ofMillis(100);

  @TempDir Path folder;

  @Test
  void endpointsHaveOneThreadEachHoweverManyConnections() throws Exception {
    try (Loopback loopback = new Loopback()) {
      List<Thread> before = endpointThreads();
      assertThat(before).hasSize(2).allMatch(Thread::isDaemon);
      for (int i = 0; i < 200; i++) {
        try (QuicConnection near = Loopback.connect(loopback.client, loopback.server);
            QuicConnection far = loopback.server.accept(Loopback.SOON)) {
          assertThat(far.isClosed() || near.isClosed()).isFalse();
        }
      }
      // The same ones: a thread that attached for one call would have another.
      assertThat(endpointThreads()).containsExactlyInAnyOrderElementsOf(before);
    }
  }

  private static List<Thread> endpointThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("jetstream-endpoint-"))
        // One of an endpoint that another test has closed may be about to end.
        .filter(Thread::isAlive)
        .toList();
  }

  @Test
  void nothingWaitsWhileItHoldsACarrier() throws Exception {
    try (Recording recording = new Recording()) {
      recording.enable(PINNED).withThreshold(LONG);
      recording.start();
      Thread.ofVirtual().name("planted").start(Planted::use).join();
      try (Loopback loopback = new Loopback()) {
        waitInAllWays(loopback);
      }
      recording.stop();
      Path file = folder.resolve("recording.jfr");
      recording.dump(file);
      List<RecordedEvent> pinned =
          RecordingFile.readAllEvents(file).stream()
              .filter(event -> event.getEventType().getName().equals(PINNED))
              .filter(ThreadsTest::waits)
              .toList();
      assertThat(pinned)
          .as("the planted one alone")
          .singleElement()
          .satisfies(event -> assertThat(event.getThread().getJavaName()).isEqualTo("planted"));
    }
  }

  /** Not for the JVM to load or initialise a class. */
  private static boolean waits(RecordedEvent event) {
    return event.getStackTrace().getFrames().stream()
        .anyMatch(
            frame -> frame.getMethod().getType().getName().equals(LockSupport.class.getName()));
  }

  /**
   * A thousand virtual threads that wait longer than {@link #LONG}, for all that can be waited for.
   */
  private static void waitInAllWays(Loopback loopback) throws Exception {
    QuicConnection near = loopback.clientConnection;
    List<Waiting> waiting = new ArrayList<>();
    List<BidirectionalStream> peers = new ArrayList<>();
    for (int i = 0; i < 900; i++) {
      BidirectionalStream stream = near.openBidirectional(Loopback.SOON);
      stream.send(new byte[1]);
      peers.add(loopback.serverConnection.acceptBidirectional(Loopback.SOON));
      waiting.add(Waiting.started(true, () -> stream.receive(new byte[8])));
    }
    for (int i = 0; i < 50; i++) {
      waiting.add(Waiting.started(true, () -> near.acceptUnidirectional(AWHILE)));
      waiting.add(Waiting.started(true, () -> loopback.server.accept(AWHILE)));
    }
    try (SendStream full = near.openUnidirectional()) {
      full.timeout(AWHILE);
      Waiting sender = Waiting.started(true, () -> send(full, 16 << 20));
      assertThat(sender.failure().kind()).isEqualTo(JetStreamException.Kind.DEADLINE);
    }
    for (BidirectionalStream peer : peers) {
      peer.send(new byte[3]);
    }
    for (Waiting it : waiting.subList(0, 900)) {
      assertThat(it.value()).isIn(1, 2, 3);
    }
    for (Waiting it : waiting.subList(900, waiting.size())) {
      assertThat(it.failure().kind()).isEqualTo(JetStreamException.Kind.DEADLINE);
    }
  }

  private static Object send(SendStream stream, int size) throws Exception {
    stream.send(new byte[size]);
    return size;
  }

  /** Waits in its initialisation, where no virtual thread lets go of its carrier. */
  private static final class Planted {
    static {
      long until = System.nanoTime() + 2 * LONG.toNanos();
      while (System.nanoTime() - until < 0) {
        LockSupport.parkNanos(Planted.class, until - System.nanoTime());
      }
    }

    static void use() {}
  }
}
