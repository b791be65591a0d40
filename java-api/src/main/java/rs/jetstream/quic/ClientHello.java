package rs.jetstream.quic;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a client's first message says; nothing in it is proven yet.
 *
 * @param address where it came from
 * @param serverName the server that the client asks for (SNI); empty when it asks for none
 * @param protocols application protocols by the client's preference (ALPN)
 */
public record ClientHello(InetSocketAddress address, String serverName, List<String> protocols) {}
