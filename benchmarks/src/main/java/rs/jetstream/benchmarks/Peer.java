package rs.jetstream.benchmarks;

import java.io.EOFException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The same commands, protocol, workloads and output as rust-baseline; see its README.
 *
 * <p>{@code Peer server --cert FILE --key FILE --client-ca FILE [settings]}, {@code Peer client
 * --connect ADDRESS --ca FILE --cert FILE --key FILE [settings]}, which is always interactive.
 * Settings of its own: {@code --transport} (see {@link Transport#named}), and of {@code jetstream}
 * {@code --receive lease|copy} and {@code --send copy|claim}.
 */
public final class Peer {
  private Peer() {}

  /** Runs a server or a client. */
  public static void main(String[] arguments) throws Exception {
    String role = arguments.length == 0 ? "" : arguments[0];
    switch (role) {
      case "server" -> serve(new Options(arguments));
      case "client" -> Driver.run(new Options(arguments));
      default -> {
        System.err.println("usage: Peer server|client --option value ...");
        System.exit(2);
      }
    }
    // Whatever threads a transport leaves.
    System.exit(0);
  }

  /** Serves until standard input closes. */
  private static void serve(Options options) throws Exception {
    try (Transport.Listening server = Transport.named(options.transport()).serve(options)) {
      System.out.println("listening 127.0.0.1:" + server.port());
      System.out.flush();
      System.in.skipNBytes(Long.MAX_VALUE);
    } catch (EOFException e) {
      // Standard input is closed.
    }
  }

  static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }
}
