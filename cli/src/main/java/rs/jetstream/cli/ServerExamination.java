package rs.jetstream.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.ConnectionException;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.TlsIdentity;
import rs.jetstream.quic.TlsInfo;
import rs.jetstream.quic.TlsTrust;

/** Examines a server that is live: connects as good and as bad clients, and asks with packets. */
// r[impl security.1.26]
final class ServerExamination {
  /** No server speaks it. */
  private static final String UNHEARD_OF = "jetstream-doctor-asks";

  private static final Duration PROBE = Duration.ofMillis(500);

  /** Whom to examine, and as whom. */
  record Target(
      String host,
      int port,
      String serverName,
      String alpn,
      TlsTrust trust,
      @Nullable TlsIdentity identity,
      Duration patience) {}

  private final Target target;
  private final Diagnosis diagnosis;

  ServerExamination(Target target, Diagnosis diagnosis) {
    this.target = target;
    this.diagnosis = diagnosis;
  }

  void examine() throws IOException, GeneralSecurityException {
    InetSocketAddress address = new InetSocketAddress(resolved(), target.port);
    diagnosis.fact("Server", "address", Report.address(address));
    diagnosis.fact("Server", "name", target.serverName);
    ServerProbe probe = new ServerProbe(address, PROBE);
    if (connect(address)) {
      examineOtherProtocol(address);
      if (target.identity != null) {
        examineNobody(address);
      }
    }
    examinePackets(probe);
  }

  private InetAddress resolved() throws ConnectionException, IOException {
    try {
      return InetAddress.getByName(target.host);
    } catch (UnknownHostException e) {
      throw new IOException("host " + target.host + " has no address", e);
    }
  }

  private QuicClient client(@Nullable TlsIdentity identity, String alpn) throws IOException {
    QuicClient.Builder builder = QuicClient.builder().trust(target.trust).alpn(alpn);
    if (identity != null) {
      builder.identity(identity);
    }
    return builder.open();
  }

  /** As a good client; whether it worked. */
  private boolean connect(InetSocketAddress address)
      throws IOException, CertificateParsingException {
    long start = System.nanoTime();
    try (QuicClient client = client(target.identity, target.alpn);
        QuicConnection connection = client.connect(address, target.serverName, target.patience)) {
      diagnosis.fact("Server", "connected in", Report.millis(System.nanoTime() - start));
      negotiated(connection.tls());
      new LimitsExamination(diagnosis).examine(connection.peerParameters());
      boolean loopback = address.getAddress().isLoopbackAddress();
      new ChainExamination(diagnosis, Instant.now(), loopback)
          .examine(connection.peerCertificates());
      if (target.identity == null) {
        asksForNobody();
      }
      return true;
    } catch (ConnectionException e) {
      return refused(e);
    }
  }

  private void negotiated(TlsInfo tls) {
    diagnosis.fact("Negotiated", "QUIC version", tls.quicVersion());
    diagnosis.fact("Negotiated", "cipher suite", tls.cipherSuite());
    diagnosis.fact("Negotiated", "key exchange", tls.keyExchangeGroup());
    diagnosis.fact("Negotiated", "post-quantum", tls.postQuantum());
    diagnosis.fact("Negotiated", "signature", tls.signatureScheme());
    diagnosis.fact("Negotiated", "ALPN", tls.applicationProtocol());
    if (!tls.postQuantum()) {
      diagnosis.warning(
          "key exchange",
          tls.keyExchangeGroup() + " is not post-quantum: who records today may read later",
          "Let the server speak X25519MLKEM768.");
    }
  }

  private boolean refused(ConnectionException e) throws ConnectionException {
    String message = String.valueOf(e.getMessage());
    switch (e.kind()) {
      case PEER_NOT_TRUSTED ->
          diagnosis.weakness(
              "certificate",
              message,
              "Name its issuer with --trust; if it is the right one, renew or replace the"
                  + " certificate.");
      case HANDSHAKE_REFUSED -> {
        if (target.identity == null) {
          diagnosis.fact("Server", "client certificate", "asked for, or the ALPN is another");
          diagnosis.warning(
              "handshake",
              message,
              "Name a client certificate with --identity and --key, or an --alpn.");
        } else {
          diagnosis.weakness("handshake", message, "Look into the server's log: it knows why.");
        }
      }
      default -> throw e;
    }
    return false;
  }

  private void examineNobody(InetSocketAddress address) throws IOException {
    try (QuicClient client = client(null, target.alpn);
        QuicConnection connection = client.connect(address, target.serverName, target.patience)) {
      boolean in = !connection.isClosed();
      if (in) {
        asksForNobody();
      }
    } catch (ConnectionException e) {
      if (e.kind() != Kind.HANDSHAKE_REFUSED) {
        throw e;
      }
      diagnosis.fact("Server", "client certificate", "demanded");
    }
  }

  private void asksForNobody() {
    diagnosis.fact("Server", "client certificate", "not demanded");
    diagnosis.warning(
        "clients",
        "it lets clients in without a certificate",
        "Ask for one: QuicServer.builder().trust(...) does, by default.");
  }

  private void examineOtherProtocol(InetSocketAddress address) throws IOException {
    try (QuicClient client = client(target.identity, UNHEARD_OF);
        QuicConnection connection = client.connect(address, target.serverName, target.patience)) {
      diagnosis.warning(
          "ALPN",
          "it speaks any protocol, also " + connection.tls().applicationProtocol(),
          "Let the server name its protocols: a client for another must not get in.");
    } catch (ConnectionException e) {
      if (e.kind() != Kind.HANDSHAKE_REFUSED) {
        throw e;
      }
      diagnosis.fact("Server", "other protocols", "refused");
    }
  }

  private void examinePackets(ServerProbe probe) throws IOException, GeneralSecurityException {
    List<String> versions = probe.versions();
    diagnosis.fact(
        "Packets", "QUIC versions", versions.isEmpty() ? "no answer to an unknown one" : versions);
    ServerProbe.FirstPacket first = probe.offerOldTls(target.serverName, target.alpn);
    diagnosis.fact(
        "Packets",
        "TLS 1.2 alone",
        switch (first.oldTls()) {
          case REFUSED -> "refused";
          case ACCEPTED -> "accepted";
          case NO_ANSWER -> "no answer";
        });
    if (first.oldTls() == ServerProbe.OldTls.ACCEPTED) {
      diagnosis.weakness("TLS", "it answers a client of TLS 1.2", "QUIC needs 1.3: replace it.");
    }
    diagnosis.fact(
        "Packets",
        "Retry",
        first.retried() ? "to every new address" : "not to a first packet; maybe under load");
    boolean resets = probe.resets();
    diagnosis.fact("Packets", "stateless reset", resets ? "sent" : "not seen");
    if (!resets) {
      diagnosis.note(
          "stateless reset",
          "none was seen: it may be that clients notice its restart by their idle timeout alone",
          "");
    }
  }
}
