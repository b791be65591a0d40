package rs.jetstream.quic;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What {@link QuicServer#reload} changes for new handshakes; what is not named stays.
 *
 * {@snippet :
 * server.reload(TlsReload.of().identity(renewed).trust(issuers));
 * }
 */
// r[impl security.1.13]
public final class TlsReload {
  private final @Nullable List<TlsIdentity> identities;
  private final @Nullable TlsTrust trust;
  private final @Nullable String securityPolicy;
  private final @Nullable List<TicketKey> ticketKeys;

  private TlsReload(
      @Nullable List<TlsIdentity> identities,
      @Nullable TlsTrust trust,
      @Nullable String securityPolicy,
      @Nullable List<TicketKey> ticketKeys) {
    this.identities = identities;
    this.trust = trust;
    this.securityPolicy = securityPolicy;
    this.ticketKeys = ticketKeys;
  }

  /** Nothing yet. */
  public static TlsReload of() {
    return new TlsReload(null, null, null, null);
  }

  /** New identities, the first for clients that ask for no name that one has. */
  public TlsReload identity(TlsIdentity first, TlsIdentity... more) {
    return new TlsReload(TlsIdentity.list(first, more), trust, securityPolicy, ticketKeys);
  }

  /** New trust. */
  public TlsReload trust(TlsTrust trust) {
    return new TlsReload(
        identities, Objects.requireNonNull(trust, "trust"), securityPolicy, ticketKeys);
  }

  /** A new security policy, as {@link QuicSettings#securityPolicy()}. */
  public TlsReload securityPolicy(String securityPolicy) {
    return new TlsReload(
        identities, trust, Objects.requireNonNull(securityPolicy, "securityPolicy"), ticketKeys);
  }

  /**
   * New keys for the tickets of a server: the first makes tickets, all take them, and tickets of
   * keys that are not named are worth nothing. To rotate, name the new key and then the old one,
   * and the new one alone a day later.
   *
   * @param more up to 15 more
   */
  @Experimental
  public TlsReload ticketKeys(TicketKey first, TicketKey... more) {
    return new TlsReload(identities, trust, securityPolicy, TicketKey.list(first, more));
  }

  @Nullable List<TlsIdentity> identities() {
    return identities;
  }

  @Nullable TlsTrust trust() {
    return trust;
  }

  @Nullable String securityPolicy() {
    return securityPolicy;
  }

  @Nullable List<TicketKey> ticketKeys() {
    return ticketKeys;
  }
}
