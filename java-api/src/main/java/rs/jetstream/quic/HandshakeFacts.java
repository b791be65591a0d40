package rs.jetstream.quic;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.NativeConnection;
import rs.jetstream.ffi.NativeParameters;
import rs.jetstream.ffi.NativeTls;

/** What a connection's handshake found out: asked for once, and kept when the connection ends. */
final class HandshakeFacts {
  private final QuicConnection connection;
  private volatile @Nullable TlsInfo tls;
  private volatile @Nullable List<X509Certificate> peerCertificates;
  private volatile @Nullable TransportParameters peerParameters;

  HandshakeFacts(QuicConnection connection) {
    this.connection = connection;
  }

  TlsInfo tls() throws IOException {
    TlsInfo known = tls;
    if (known == null) {
      NativeTls[] out = new NativeTls[1];
      connection.call(
          "read the handshake's results",
          block -> NativeConnection.tls(connection.handle(), out, block));
      NativeTls it = out[0];
      tls =
          known =
              new TlsInfo(
                  it.quicVersion(),
                  it.cipherSuite(),
                  it.keyExchangeGroup(),
                  it.postQuantum(),
                  Failures.printable(it.applicationProtocol()),
                  it.signatureScheme(),
                  Failures.printable(it.serverName()),
                  it.resumed());
    }
    return known;
  }

  TransportParameters peerParameters() throws IOException {
    TransportParameters known = peerParameters;
    if (known == null) {
      NativeParameters[] out = new NativeParameters[1];
      connection.call(
          "read what the peer announced",
          block -> NativeParameters.read(connection.handle(), out, block));
      peerParameters = known = TransportParameters.of(out[0]);
    }
    return known;
  }

  List<X509Certificate> peerCertificates() throws IOException {
    List<X509Certificate> known = peerCertificates;
    if (known == null) {
      byte[][] out = new byte[1][];
      connection.call(
          "read the peer's certificates",
          block -> NativeConnection.peerChain(connection.handle(), out, block));
      peerCertificates = known = Certificates.parseDer(out[0]);
    }
    return known;
  }
}
