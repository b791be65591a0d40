package rs.jetstream.quic;

/**
 * What the TLS handshake of a connection agreed on.
 *
 * @param quicVersion on the wire; 1 is RFC 9000
 * @param cipherSuite name of RFC 8446 appendix B.4
 * @param keyExchangeGroup s2n-tls's name of the group, a hybrid with a post-quantum KEM by default
 * @param postQuantum whether the key exchange holds such a KEM
 * @param applicationProtocol the ALPN protocol
 * @param signatureScheme by which the server proved itself; empty when unknown, or resumed
 * @param serverName that the client asked for (SNI); empty when it asked for none
 * @param resumed whether it goes on with the session of an earlier connection: the server proved
 *     itself there, at most a day ago, and showed no certificate here
 */
public record TlsInfo(
    int quicVersion,
    String cipherSuite,
    String keyExchangeGroup,
    boolean postQuantum,
    String applicationProtocol,
    String signatureScheme,
    String serverName,
    @Experimental boolean resumed) {}
