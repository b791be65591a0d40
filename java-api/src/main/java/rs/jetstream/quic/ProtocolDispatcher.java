package rs.jetstream.quic;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Accepts a server's connections and hands each to the handler of its application protocol (ALPN).
 *
 * {@snippet :
 * QuicServer server = QuicServer.builder().identity(identity).trust(clients).alpn("v2", "v1").open();
 * new ProtocolDispatcher(Map.of("v1", this::old, "v2", this::current)).serve(server);
 * }
 *
 * <p>Immutable; any thread.
 */
public final class ProtocolDispatcher {
  /** Serves one connection, on a virtual thread of its own; it is closed when this returns. */
  @FunctionalInterface
  public interface Handler {
    /** Serves {@code connection} until it is done with it. */
    void handle(QuicConnection connection) throws Exception;
  }

  /** Code of the close of a connection whose handler failed. */
  private static final long FAILED = 1;

  private static final System.Logger LOGGER = System.getLogger("rs.jetstream.quic");

  private final Map<String, Handler> handlers;

  /** Handlers by protocol; a server's protocols must all have one. */
  public ProtocolDispatcher(Map<String, Handler> handlers) {
    this.handlers = Map.copyOf(handlers);
  }

  /**
   * Accepts and dispatches until the server is closed; then it returns.
   *
   * @throws IllegalArgumentException when the server speaks a protocol that has no handler
   * @throws ConnectionException when the server dies
   */
  public void serve(QuicServer server) throws IOException {
    for (String protocol : server.tlsOptions().alpn()) {
      if (!handlers.containsKey(protocol)) {
        throw new IllegalArgumentException("protocol '" + protocol + "' has no handler");
      }
    }
    while (true) {
      QuicConnection connection;
      try {
        connection = server.accept();
      } catch (ConnectionException | IllegalStateException e) {
        if (server.isClosed()) {
          return;
        }
        throw e;
      }
      Thread ignored = Thread.startVirtualThread(() -> handle(connection));
    }
  }

  private void handle(QuicConnection connection) {
    long code = FAILED;
    try {
      @Nullable Handler handler = handlers.get(connection.tls().applicationProtocol());
      Objects.requireNonNull(handler, "handler").handle(connection);
      code = 0;
    } catch (Exception e) {
      LOGGER.log(System.Logger.Level.WARNING, () -> "the handler of " + connection + " failed", e);
    } finally {
      connection.close(code);
    }
  }
}
