package rs.jetstream.quic;

import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A handshake that a server refused.
 *
 * @param peer claimed address of the client
 * @param cause why, for programs; {@link EndpointStatistics#handshakesRefused()} counts by it
 * @param reason why, for people; the client is not told it
 */
public record RefusedHandshake(InetSocketAddress peer, Cause cause, String reason) {

  /** Why a side refused its peer during the handshake. */
  public enum Cause {
    /** For a reason that has no name of its own. */
    OTHER,
    /** It showed no certificate. */
    NO_CERTIFICATE,
    /**
     * No trusted issuer vouches for it: its issuer is another, a certificate in between is missing
     * or is no authority, constraints on names or lengths are broken, or a signature is of SHA-1.
     */
    UNTRUSTED,
    /** A certificate of its chain is expired. */
    EXPIRED,
    /** A certificate of its chain is not valid yet. */
    NOT_YET_VALID,
    /** Its certificate names another server, or none in its alternative names. */
    NAME,
    /**
     * Its certificate is for another purpose: for the other role, for an authority, or for a key
     * that may not sign.
     */
    PURPOSE,
    /** Its chain is longer than {@link QuicSettings#maxCertificateChain()}. */
    CHAIN_LENGTH,
    /** A key or a signature in its chain is too weak. */
    WEAK,
    /** A certificate of its chain is damaged, or has a critical extension that is unknown. */
    MALFORMED,
    /** It did not prove that it has the certificate's key. */
    NO_PROOF,
    /** A {@link PeerPolicy} or {@link HelloPolicy} said no, or nothing in its time. */
    POLICY,
    /** There is no application protocol in common. */
    ALPN;

    private static final List<Cause> ALL = List.of(values());

    /** The cause that the native half has this number for. */
    static Cause of(long number) {
      return number > 0 && number < ALL.size() ? ALL.get((int) number) : OTHER;
    }

    /** The counts that the native half has in the order of its numbers. */
    static Map<Cause, Long> counts(List<Long> counts) {
      Map<Cause, Long> byCause = new EnumMap<>(Cause.class);
      for (int i = 0; i < counts.size(); i++) {
        byCause.merge(of(i), counts.get(i), Long::sum);
      }
      return byCause;
    }
  }
}
