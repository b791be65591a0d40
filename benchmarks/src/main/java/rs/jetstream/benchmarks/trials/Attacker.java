package rs.jetstream.benchmarks.trials;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import rs.jetstream.benchmarks.JetStreamTransport;
import rs.jetstream.benchmarks.Options;
import rs.jetstream.quic.QuicClient;

/**
 * Sends what anyone can send to a server's port: options as {@link TrialClient}'s.
 *
 * <p>It is told {@code begin KIND RATE PORT} and {@code end}, for datagrams of a {@link
 * Garbage.Kind}; {@code record N} and {@code flood RATE}, for first flights of handshakes that
 * never go on: each is recorded from a real client, and sent once.
 */
public final class Attacker {
  /** Addresses of the loopback that the hellos come from, 127.0.1.1 and on. */
  private static final int SOURCES = 32;

  private final Options options;
  private List<List<ByteBuffer>> hellos = List.of();
  private @Nullable Stream stream;

  private Attacker(Options options) {
    this.options = options;
  }

  /** Does what it is told until standard input ends. */
  public static void main(String[] arguments) throws Exception {
    Attacker it = new Attacker(new Options(arguments));
    Lines.serve(it::run);
    System.exit(0);
  }

  private Map<String, ?> run(String[] words) throws Exception {
    return switch (words[0]) {
      case "begin" -> {
        Garbage.Kind kind = Garbage.Kind.valueOf(words[1].toUpperCase(Locale.ROOT));
        double rate = Double.parseDouble(words[2]);
        List<List<ByteBuffer>> made = Garbage.of(kind, options, Lines.server(options));
        int port = Integer.parseInt(words[3]);
        stream = new Stream(made, rate, 1, Lines.server(options).getAddress(), port, true);
        yield Lines.nothing();
      }
      case "end" -> {
        Stream it = stream;
        if (it == null) {
          throw new IllegalStateException("nothing is sent");
        }
        stream = null;
        yield it.end();
      }
      case "record" -> {
        try (QuicClient client = JetStreamTransport.client(options).open()) {
          hellos = Hellos.record(client, Integer.parseInt(words[1]));
        }
        yield Map.of("hellos", hellos.size());
      }
      case "flood" -> {
        double rate = Double.parseDouble(words[1]);
        int port = Lines.server(options).getPort();
        Stream it =
            new Stream(hellos, rate, SOURCES, Lines.server(options).getAddress(), port, false);
        yield it.await();
      }
      default -> throw Lines.unknown(words[0]);
    };
  }
}
