package rs.jetstream.quic;

import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Judges peers whose certificate is verified: who of all that the trusted issuers vouch for is
 * welcome.
 *
 * <p>Asked during the handshake, before the peer is told that it is done: who is refused was never
 * connected. It runs on a virtual thread of its own, never on the endpoint's, and may block; an
 * exception, or no answer within {@link QuicServer.Builder#decisionTimeout}, refuses the peer.
 *
 * {@snippet :
 * QuicServer.builder().peerPolicy(PeerPolicy.names("billing.example", "spiffe://example/web"));
 * }
 */
@FunctionalInterface
public interface PeerPolicy {
  /**
   * Whether {@code peer} is welcome.
   *
   * @param peer of a verified certificate
   * @param address where it is now
   */
  boolean accepts(PeerIdentity peer, InetSocketAddress address) throws Exception;

  /**
   * Those one of whose alternative names, of any kind, is one of {@code names}: exactly, host names
   * without case. Wildcards in a certificate match nothing.
   */
  static PeerPolicy names(String... names) {
    List<String> allowed = List.of(names);
    return (peer, address) -> allowed.stream().anyMatch(peer::hasName);
  }

  /**
   * Those whose certificate is one of these, by SHA-256 of its encoding in hexadecimal digits;
   * colons and case do not matter.
   */
  static PeerPolicy fingerprints(String... fingerprints) {
    Set<String> allowed = new HashSet<>();
    for (String fingerprint : fingerprints) {
      String digits = fingerprint.replace(":", "").toLowerCase(Locale.ROOT);
      if (!digits.matches("[0-9a-f]{64}")) {
        throw new IllegalArgumentException(
            "fingerprint '" + fingerprint + "' must have the 64 hexadecimal digits of a SHA-256");
      }
      allowed.add(digits);
    }
    return (peer, address) -> allowed.contains(peer.fingerprint());
  }
}
