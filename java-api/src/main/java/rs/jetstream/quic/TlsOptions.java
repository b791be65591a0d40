package rs.jetstream.quic;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.NativeConfig;

/** What both endpoints' builders gather for TLS, as it is used for opening and for reloading. */
record TlsOptions(
    List<TlsIdentity> identities,
    @Nullable TlsTrust trust,
    ClientAuthentication clientAuthentication,
    List<String> alpn,
    @Nullable PeerPolicy peerPolicy,
    @Nullable HelloPolicy helloPolicy,
    Duration decisionTimeout,
    List<TlsExporter> exporters,
    @Nullable Path keyLog,
    String securityPolicy,
    List<TicketKey> ticketKeys,
    int maxTickets,
    boolean judgesOcspResponses) {

  /** Whether handshakes ask this program anything. */
  boolean asks() {
    return peerPolicy != null || helloPolicy != null || signer() != null;
  }

  /** The identity whose key is used outside of the native half. */
  @Nullable TlsIdentity signer() {
    return identities.size() == 1 && identities.getFirst().isExternal()
        ? identities.getFirst()
        : null;
  }

  void applyTo(NativeConfig config) {
    config.alpn(alpn).clientAuth(clientAuthentication.code()).securityPolicy(securityPolicy);
    if (!identities.isEmpty()) {
      TlsIdentity first = identities.getFirst();
      config.identity(first.chainPem(), first.keyPem());
      config.ocsp(first.ocspResponse());
      List<byte[]> chains = new ArrayList<>();
      List<byte[]> keys = new ArrayList<>();
      List<byte[]> responses = new ArrayList<>();
      for (TlsIdentity identity : identities) {
        if (identity.isExternal() && identities.size() > 1) {
          throw new IllegalArgumentException(
              "an identity whose key is used outside, as that of "
                  + identity.source()
                  + ", must be the only one");
        }
        if (identity != first) {
          chains.add(identity.chainPem());
          keys.add(identity.keyPem());
          responses.add(identity.ocspResponse());
        }
      }
      config.identities(chains, keys, responses);
    }
    TlsTrust trust = this.trust;
    if (trust != null) {
      config.trust(trust.pem(), trust.isSystem());
    }
    config.questions(
        peerPolicy != null,
        helloPolicy != null,
        signer() != null,
        Checks.millis("decisionTimeout", decisionTimeout));
    config.exporters(
        exporters.stream().map(TlsExporter::label).toList(),
        exporters.stream().map(TlsExporter::context).toList(),
        exporters.stream().map(TlsExporter::length).toList());
    config.maxTickets(maxTickets).requestOcsp(judgesOcspResponses);
    List<byte[]> secrets = new ArrayList<>();
    try {
      ticketKeys.forEach(key -> secrets.add(key.copy()));
      config.ticketKeys(secrets);
    } finally {
      secrets.forEach(secret -> Arrays.fill(secret, (byte) 0));
    }
    Path keyLog = this.keyLog;
    if (keyLog != null) {
      config.keyLog(Checks.text("key log", keyLog));
    }
  }

  /** These options with what a reload changes. */
  TlsOptions with(TlsReload change) {
    TlsOptions next =
        new TlsOptions(
            change.identities() == null ? identities : change.identities(),
            change.trust() == null ? trust : change.trust(),
            clientAuthentication,
            alpn,
            peerPolicy,
            helloPolicy,
            decisionTimeout,
            exporters,
            keyLog,
            change.securityPolicy() == null ? securityPolicy : change.securityPolicy(),
            change.ticketKeys() == null ? ticketKeys : change.ticketKeys(),
            maxTickets,
            judgesOcspResponses);
    if ((next.signer() == null) != (signer() == null)) {
      throw new IllegalArgumentException(
          "a reload cannot change whether the key of the identity is used outside");
    }
    return next;
  }

  /** Where the identity came from, for messages. */
  String about() {
    String who =
        identities.isEmpty() ? "" : " with the identity of " + identities.getFirst().source();
    return trust == null ? who : who + " and trust in " + trust.source();
  }
}
