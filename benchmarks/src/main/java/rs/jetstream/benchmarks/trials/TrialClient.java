package rs.jetstream.benchmarks.trials;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import rs.jetstream.benchmarks.JetStreamTransport;
import rs.jetstream.benchmarks.Options;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.JetStreamException;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;

/**
 * A client of {@link TrialServer}: {@code --connect ADDRESS --ca FILE --cert FILE --key FILE}.
 *
 * <p>It is told {@code open N}, {@code close}, {@code pings SECONDS}, {@code calls SECONDS RATE},
 * {@code connects SECONDS RATE}, {@code park N CONNECTIONS}, {@code unpark}, {@code pend}, {@code
 * serial HEX}, {@code churn N}, {@code collect on|off}, {@code watch on|off}.
 */
public final class TrialClient {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final double MICRO = 1e3;

  private final QuicClient client;
  private final InetSocketAddress server;
  private final Options options;
  private final Surroundings surroundings = new Surroundings();
  private final List<QuicConnection> open = new ArrayList<>();
  private final Parked parked = new Parked();

  private TrialClient(QuicClient client, Options options) {
    this.client = client;
    this.options = options;
    server = Lines.server(options);
  }

  /** Does what it is told until standard input ends. */
  public static void main(String[] arguments) throws Exception {
    Options options = new Options(arguments);
    try (QuicClient client = JetStreamTransport.client(options).open()) {
      TrialClient it = new TrialClient(client, options);
      Lines.serve(it::run);
    }
    System.exit(0);
  }

  private Map<String, ?> run(String[] words) throws Exception {
    return switch (words[0]) {
      case "open" -> open(Integer.parseInt(words[1]));
      case "close" -> close();
      case "pings" -> pings(Double.parseDouble(words[1]));
      case "calls" ->
          Paced.run(
              Double.parseDouble(words[1]),
              Double.parseDouble(words[2]),
              number -> Call.make(open.get((int) (number % open.size()))));
      case "connects" ->
          Paced.run(
              Double.parseDouble(words[1]),
              Double.parseDouble(words[2]),
              number -> client.connect(server, "localhost", PATIENCE).close());
      case "park" -> {
        open(Integer.parseInt(words[2]) + 1);
        parked.begin(Integer.parseInt(words[1]), open.subList(1, open.size()));
        yield Lines.nothing();
      }
      case "unpark" -> {
        parked.end();
        yield Lines.nothing();
      }
      case "pend" -> pend();
      case "serial" -> serial(new BigInteger(words[1], 16));
      case "churn" -> Churn.run(Integer.parseInt(words[1]), options, server);
      default -> surroundings.run(words);
    };
  }

  /** Has so many connections open, those before counted. */
  private Map<String, Object> open(int count) throws Exception {
    open.removeIf(QuicConnection::isClosed);
    open.addAll(
        Parked.together(count - open.size(), () -> client.connect(server, "localhost", null)));
    // A trial may leave this side alone for longer than a connection lives.
    open.getFirst().keepAlive(true);
    return Map.of("connections", open.size());
  }

  private Map<String, Object> close() {
    open.forEach(QuicConnection::close);
    open.clear();
    return Lines.nothing();
  }

  /** Calls on the first connection, one after the other. */
  private Map<String, Object> pings(double seconds) throws IOException {
    Histogram histogram = new Histogram(3);
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < seconds * 1e9) {
      long start = System.nanoTime();
      Call.make(open.getFirst());
      histogram.recordValue(System.nanoTime() - start);
    }
    return Map.of(
        "calls", histogram.getTotalCount(),
        "p50_us", histogram.getValueAtPercentile(50) / MICRO,
        "p99_us", histogram.getValueAtPercentile(99) / MICRO,
        "max_us", histogram.getMaxValue() / MICRO);
  }

  /** A call that is never answered, until its connection fails. Says so before it waits. */
  private Map<String, Object> pend() throws IOException {
    try (QuicConnection connection = client.connect(server, "localhost", null);
        BidirectionalStream stream = connection.openBidirectional()) {
      Call.begin(stream);
      Lines.say("{\"pending\":true}");
      int count = stream.receive(new byte[1]);
      throw new IOException("the call that nobody answers got " + count);
    } catch (JetStreamException e) {
      return Map.of("kind", e.kind().name());
    }
  }

  /** Connects until the server shows that certificate. */
  private Map<String, Object> serial(BigInteger expected) throws IOException {
    for (int connects = 1; ; connects++) {
      try (QuicConnection connection = client.connect(server, "localhost", null)) {
        if (connection.peerCertificates().getFirst().getSerialNumber().equals(expected)) {
          return Map.of("connects", connects);
        }
      }
    }
  }
}
