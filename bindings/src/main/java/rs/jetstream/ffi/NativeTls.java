package rs.jetstream.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import rs.jetstream.ffi.raw.jetstream_tls_info;

/** What a TLS handshake agreed on; texts are empty where there is nothing to tell. */
public record NativeTls(
    int quicVersion,
    String cipherSuite,
    String keyExchangeGroup,
    boolean postQuantum,
    String applicationProtocol,
    String signatureScheme,
    String serverName,
    boolean resumed) {

  static NativeTls read(MemorySegment info) {
    byte[] alpn =
        jetstream_tls_info
            .alpn(info)
            .asSlice(0, jetstream_tls_info.alpn_len(info))
            .toArray(JAVA_BYTE);
    return new NativeTls(
        jetstream_tls_info.quic_version(info),
        NativeConnection.text(jetstream_tls_info.cipher_suite(info)),
        NativeConnection.text(jetstream_tls_info.key_exchange_group(info)),
        jetstream_tls_info.post_quantum(info) != 0,
        new String(alpn, StandardCharsets.UTF_8),
        NativeConnection.text(jetstream_tls_info.signature_scheme(info)),
        NativeConnection.text(jetstream_tls_info.server_name(info)),
        jetstream_tls_info.resumed(info) != 0);
  }
}
