package rs.jetstream.cli;

import java.time.Duration;
import rs.jetstream.quic.TransportParameters;

/**
 * Judges the limits that a server announces to each client: what one client can make it hold.
 *
 * <p>The window of a whole connection is not judged: s2n-quic does not tell it.
 */
final class LimitsExamination {
  /** Above it a client that is gone is held for longer than clients come back in. */
  private static final Duration LONGEST_IDLE = Duration.ofMinutes(10);

  /** Bytes on one stream: a round trip of 100 ms at 10 Gbit/s needs 125 MB. */
  private static final long LARGEST_WINDOW = 256 << 20;

  /** Streams of one client, each of which takes memory before it says anything. */
  private static final long MOST_STREAMS = 100_000;

  private final Diagnosis diagnosis;

  LimitsExamination(Diagnosis diagnosis) {
    this.diagnosis = diagnosis;
  }

  void examine(TransportParameters it) {
    diagnosis.fact("Limits", "idle timeout", idle(it.maxIdleTimeout()));
    diagnosis.fact("Limits", "bidirectional streams", it.initialMaxStreamsBidi());
    diagnosis.fact("Limits", "unidirectional streams", it.initialMaxStreamsUni());
    long window = Math.max(it.initialMaxStreamDataBidiRemote(), it.initialMaxStreamDataUni());
    diagnosis.fact("Limits", "window of a stream", window + " bytes");
    diagnosis.fact("Limits", "acknowledgements", "within " + it.maxAckDelay().toMillis() + " ms");
    diagnosis.fact("Limits", "UDP payload", "up to " + it.maxUdpPayloadSize() + " bytes");
    diagnosis.fact("Limits", "connection ids", it.activeConnectionIdLimit());
    diagnosis.fact(
        "Limits", "clients may move", it.disableActiveMigration() ? "no" : "to another address");
    diagnosis.fact("Limits", "datagrams", it.maxDatagramFrameSize() == 0 ? "not taken" : "taken");
    if (it.maxIdleTimeout().isZero()) {
      diagnosis.weakness(
          "idle timeout",
          "it never gives up a silent connection: clients that are gone are held for ever",
          "Set one: QuicSettings.idleTimeout() is 30 s by default.");
    } else if (it.maxIdleTimeout().compareTo(LONGEST_IDLE) > 0) {
      diagnosis.warning(
          "idle timeout",
          "it holds a silent connection for " + idle(it.maxIdleTimeout()),
          "Have clients keep alive what they need, and make it shorter.");
    }
    if (Math.max(it.initialMaxStreamsBidi(), it.initialMaxStreamsUni()) > MOST_STREAMS) {
      diagnosis.warning(
          "streams",
          "one client may open more than " + MOST_STREAMS + " at once",
          "Lower QuicSettings.maxRemoteBidirectionalStreams() or its unidirectional twin.");
    }
    if (window > LARGEST_WINDOW) {
      diagnosis.warning(
          "window",
          "one stream may hold " + window + " bytes that nobody has read",
          "Lower QuicSettings.streamWindow() and connectionWindow().");
    }
  }

  private static String idle(Duration timeout) {
    return timeout.isZero() ? "none" : timeout.toMillis() / 1000.0 + " s";
  }
}
