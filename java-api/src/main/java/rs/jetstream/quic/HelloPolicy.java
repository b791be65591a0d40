package rs.jetstream.quic;

/**
 * Judges a client by its first message, before certificates are looked at: by the server name and
 * protocols that it asks for.
 *
 * <p>It runs on a virtual thread of its own, never on the endpoint's; an exception, or no answer
 * within {@link QuicServer.Builder#decisionTimeout}, refuses the client.
 */
@FunctionalInterface
public interface HelloPolicy {
  /** Whether the handshake goes on. */
  boolean accepts(ClientHello hello) throws Exception;
}
