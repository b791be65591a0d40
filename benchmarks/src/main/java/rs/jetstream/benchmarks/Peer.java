package rs.jetstream.benchmarks;

/**
 * The same commands, protocol, workloads and output as rust-baseline; see its README.
 *
 * <p>{@code Peer server --cert FILE --key FILE --client-ca FILE [settings]}, {@code Peer client
 * --connect ADDRESS --ca FILE --cert FILE --key FILE [settings]}, which is always interactive.
 * Settings of its own: {@code --receive lease|copy}, {@code --send copy|claim}.
 */
public final class Peer {
  private Peer() {}

  /** Runs a server or a client. */
  public static void main(String[] arguments) throws Exception {
    String role = arguments.length == 0 ? "" : arguments[0];
    switch (role) {
      case "server" -> Server.run(new Options(arguments));
      case "client" -> Client.run(new Options(arguments));
      default -> {
        System.err.println("usage: Peer server|client --option value ...");
        System.exit(2);
      }
    }
  }
}
