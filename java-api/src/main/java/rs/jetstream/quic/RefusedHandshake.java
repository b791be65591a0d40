package rs.jetstream.quic;

import java.net.InetSocketAddress;

/**
 * A handshake that a server refused.
 *
 * @param peer claimed address of the client
 * @param reason in s2n-tls's words; the client is not told it
 */
public record RefusedHandshake(InetSocketAddress peer, String reason) {}
