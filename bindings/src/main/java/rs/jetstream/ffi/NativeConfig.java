package rs.jetstream.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import rs.jetstream.ffi.raw.jetstream_bytes;
import rs.jetstream.ffi.raw.jetstream_endpoint_config;
import rs.jetstream.ffi.raw.jetstream_exporter;
import rs.jetstream.ffi.raw.jetstream_h;
import rs.jetstream.ffi.raw.jetstream_identity;

/**
 * The settings of an endpoint in native memory, defaults filled in; {@link #close()} wipes and
 * frees it.
 *
 * <p>Confined to the thread that made it, and needed only until the endpoint is open.
 */
public final class NativeConfig implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment segment = jetstream_endpoint_config.allocate(arena);
  private final List<MemorySegment> secrets = new ArrayList<>();

  /** All defaults; the wake-up and {@code token} are set. */
  public NativeConfig(long token) {
    NativeLibrary.load();
    Block block = Block.take();
    try {
      int status =
          jetstream_h.jetstream_endpoint_config_init(
              (int) jetstream_endpoint_config.sizeof(), segment, block.error);
      if (status != NativeStatus.OK) {
        throw new IllegalStateException(block.failure(status).message());
      }
    } finally {
      block.give();
    }
    jetstream_endpoint_config.wake(segment, Upcall.STUB);
    jetstream_endpoint_config.token(segment, token);
  }

  MemorySegment segment() {
    return segment;
  }

  public NativeConfig bind(InetSocketAddress address) {
    NativeAddress.write(address, jetstream_endpoint_config.bind(segment));
    return this;
  }

  /**
   * Descriptor of a UDP socket that is bound already, in place of the address; the endpoint's from
   * the moment that it is open. 0 is none.
   */
  public NativeConfig inheritedSocket(int descriptor) {
    jetstream_endpoint_config.inherited_socket(segment, descriptor);
    return this;
  }

  /** Protocols by preference, each 1 to 255 bytes of UTF-8. */
  public NativeConfig alpn(List<String> protocols) {
    byte[][] names = new byte[protocols.size()][];
    int size = 0;
    for (int i = 0; i < names.length; i++) {
      names[i] = protocols.get(i).getBytes(StandardCharsets.UTF_8);
      if (names[i].length == 0 || names[i].length > 255) {
        throw new IllegalArgumentException(
            "ALPN '"
                + protocols.get(i)
                + "' has "
                + names[i].length
                + " bytes, must have 1 to 255");
      }
      size += 1 + names[i].length;
    }
    byte[] list = new byte[size];
    int at = 0;
    for (byte[] name : names) {
      list[at++] = (byte) name.length;
      System.arraycopy(name, 0, list, at, name.length);
      at += name.length;
    }
    put(jetstream_endpoint_config.alpn(segment), list);
    return this;
  }

  /** Own chain and private key in PEM; the copy of the key is wiped by {@link #close()}. */
  public NativeConfig identity(byte[] chainPem, byte[] keyPem) {
    put(jetstream_endpoint_config.identity_chain_pem(segment), chainPem);
    secrets.add(put(jetstream_endpoint_config.identity_key_pem(segment), keyPem));
    return this;
  }

  public NativeConfig trust(byte[] pem, boolean system) {
    put(jetstream_endpoint_config.trust_pem(segment), pem);
    return flag(jetstream_h.JETSTREAM_CONFIG_SYSTEM_TRUST(), system);
  }

  public NativeConfig securityPolicy(String name) {
    put(jetstream_endpoint_config.security_policy(segment), name.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** 0 none, 1 optional, 2 required. */
  public NativeConfig clientAuth(int mode) {
    jetstream_endpoint_config.client_auth(segment, mode);
    return this;
  }

  public NativeConfig windows(long connection, long stream) {
    jetstream_endpoint_config.connection_window(segment, connection);
    jetstream_endpoint_config.stream_window(segment, stream);
    return this;
  }

  public NativeConfig buffers(int send, int maxClaim, long maxLeased, long maxClaimed) {
    jetstream_endpoint_config.send_buffer(segment, send);
    jetstream_endpoint_config.max_claim(segment, maxClaim);
    jetstream_endpoint_config.max_leased(segment, maxLeased);
    jetstream_endpoint_config.max_claimed(segment, maxClaimed);
    return this;
  }

  public NativeConfig remoteStreams(long bidirectional, long unidirectional) {
    jetstream_endpoint_config.max_remote_bidirectional(segment, bidirectional);
    jetstream_endpoint_config.max_remote_unidirectional(segment, unidirectional);
    return this;
  }

  public NativeConfig localStreams(long bidirectional, long unidirectional) {
    jetstream_endpoint_config.max_local_bidirectional(segment, bidirectional);
    jetstream_endpoint_config.max_local_unidirectional(segment, unidirectional);
    return this;
  }

  public NativeConfig connections(long max, long maxPerSource, long maxUnaccepted) {
    jetstream_endpoint_config.max_connections(segment, max);
    jetstream_endpoint_config.max_connections_per_source(segment, maxPerSource);
    jetstream_endpoint_config.max_unaccepted(segment, maxUnaccepted);
    return this;
  }

  public NativeConfig handshakes(long max, long retryAbove) {
    jetstream_endpoint_config.max_handshakes(segment, max);
    jetstream_endpoint_config.retry_above(segment, retryAbove);
    return this;
  }

  public NativeConfig connectionRates(long perSecond, long perSecondPerSource) {
    jetstream_endpoint_config.connection_rate(segment, perSecond);
    jetstream_endpoint_config.connection_rate_per_source(segment, perSecondPerSource);
    return this;
  }

  public NativeConfig maxNativeBytes(long bytes) {
    jetstream_endpoint_config.max_native_bytes(segment, bytes);
    return this;
  }

  public NativeConfig streamRate(long perSecond) {
    jetstream_endpoint_config.stream_rate(segment, perSecond);
    return this;
  }

  public NativeConfig sendBuffered(long connection, long endpoint) {
    jetstream_endpoint_config.max_send_buffered(segment, connection);
    jetstream_endpoint_config.max_endpoint_send_buffered(segment, endpoint);
    return this;
  }

  /** The secret of connection ids and stateless resets; the copy is wiped by {@link #close()}. */
  public NativeConfig resetKey(byte[] key) {
    secrets.add(put(jetstream_endpoint_config.reset_key(segment), key));
    return this;
  }

  /** Server id in connection ids, 0 to 65535. */
  public NativeConfig serverId(int id) {
    jetstream_endpoint_config.server_id(segment, (short) id);
    return this;
  }

  /** One of {@code count} endpoints that share a port, and the limits of the first. */
  public NativeConfig sharing(int index, int count, long limitsOf) {
    jetstream_endpoint_config.endpoint_index(segment, (byte) index);
    jetstream_endpoint_config.endpoint_count(segment, (byte) count);
    jetstream_endpoint_config.limits_of(segment, limitsOf);
    return flag(jetstream_h.JETSTREAM_CONFIG_REUSE_PORT(), count > 1);
  }

  /** 0 CUBIC, 1 BBR. */
  public NativeConfig congestionControl(int which) {
    jetstream_endpoint_config.congestion_control(segment, which);
    return this;
  }

  /** Bytes of datagrams that a connection keeps each way; 0 is none. */
  public NativeConfig datagramBuffer(int bytes) {
    jetstream_endpoint_config.datagram_buffer(segment, bytes);
    return this;
  }

  /** What to ask the program, and how long its answer may take. */
  public NativeConfig questions(
      boolean certificate, boolean hello, boolean signature, int timeoutMillis) {
    flag(jetstream_h.JETSTREAM_CONFIG_ASK_CERTIFICATE(), certificate);
    flag(jetstream_h.JETSTREAM_CONFIG_ASK_HELLO(), hello);
    flag(jetstream_h.JETSTREAM_CONFIG_ASK_SIGNATURE(), signature);
    jetstream_endpoint_config.question_timeout_ms(segment, timeoutMillis);
    return this;
  }

  /**
   * More identities, chosen by server name, each with an OCSP response in DER or nothing; the
   * copies of their keys are wiped as the first's.
   */
  public NativeConfig identities(
      List<byte[]> chainsPem, List<byte[]> keysPem, List<byte[]> ocspResponses) {
    int count = chainsPem.size();
    MemorySegment all = jetstream_identity.allocateArray(Math.max(1, count), arena);
    for (int i = 0; i < count; i++) {
      MemorySegment one = jetstream_identity.asSlice(all, i);
      put(jetstream_identity.chain_pem(one), chainsPem.get(i));
      secrets.add(put(jetstream_identity.key_pem(one), keysPem.get(i)));
      put(jetstream_identity.ocsp(one), ocspResponses.get(i));
    }
    jetstream_endpoint_config.identities(segment, all);
    jetstream_endpoint_config.identities_len(segment, count);
    return this;
  }

  /** Keys to derive from each TLS session: labels, and how many bytes of each. */
  public NativeConfig exporters(List<String> labels, List<byte[]> contexts, List<Integer> lengths) {
    int count = labels.size();
    MemorySegment all = jetstream_exporter.allocateArray(Math.max(1, count), arena);
    for (int i = 0; i < count; i++) {
      MemorySegment one = jetstream_exporter.asSlice(all, i);
      put(jetstream_exporter.label(one), labels.get(i).getBytes(StandardCharsets.UTF_8));
      put(jetstream_exporter.context(one), contexts.get(i));
      jetstream_exporter.length(one, lengths.get(i));
    }
    jetstream_endpoint_config.exporters(segment, all);
    jetstream_endpoint_config.exporters_len(segment, count);
    return this;
  }

  /** OCSP response in DER, stapled to the first identity. */
  public NativeConfig ocsp(byte[] response) {
    put(jetstream_endpoint_config.identity_ocsp(segment), response);
    return this;
  }

  /** Secrets for tickets, the first encrypts; the copies are wiped by {@link #close()}. */
  public NativeConfig ticketKeys(List<byte[]> keys) {
    MemorySegment all = jetstream_bytes.allocateArray(Math.max(1, keys.size()), arena);
    for (int i = 0; i < keys.size(); i++) {
      secrets.add(put(jetstream_bytes.asSlice(all, i), keys.get(i)));
    }
    jetstream_endpoint_config.ticket_keys(segment, all);
    jetstream_endpoint_config.ticket_keys_len(segment, keys.size());
    return this;
  }

  /** How many tickets of servers a client keeps. */
  public NativeConfig maxTickets(int most) {
    jetstream_endpoint_config.max_tickets(segment, most);
    return this;
  }

  /** Whether a client asks for stapled OCSP responses, and judges them. */
  public NativeConfig requestOcsp(boolean on) {
    return flag(jetstream_h.JETSTREAM_CONFIG_REQUEST_OCSP(), on);
  }

  /** File that TLS secrets are appended to. */
  public NativeConfig keyLog(String path) {
    put(jetstream_endpoint_config.key_log_path(segment), path.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** Directory that gets a file of qlog for each connection. */
  public NativeConfig qlog(String directory) {
    put(
        jetstream_endpoint_config.qlog_directory(segment),
        directory.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  public NativeConfig maxChainDepth(int depth) {
    jetstream_endpoint_config.max_chain_depth(segment, depth);
    return this;
  }

  public NativeConfig abandonedStreamCode(long code) {
    jetstream_endpoint_config.abandoned_stream_code(segment, code);
    return this;
  }

  public NativeConfig timeouts(int idleMillis, int handshakeMillis, int keepAliveMillis) {
    jetstream_endpoint_config.idle_timeout_ms(segment, idleMillis);
    jetstream_endpoint_config.handshake_timeout_ms(segment, handshakeMillis);
    jetstream_endpoint_config.keep_alive_ms(segment, keepAliveMillis);
    return this;
  }

  public NativeConfig maxAckDelay(int millis) {
    jetstream_endpoint_config.max_ack_delay_ms(segment, millis);
    return this;
  }

  public NativeConfig socketBuffers(int receive, int send, int receiveRing) {
    jetstream_endpoint_config.socket_receive_buffer(segment, receive);
    jetstream_endpoint_config.socket_send_buffer(segment, send);
    jetstream_endpoint_config.receive_ring(segment, receiveRing);
    return this;
  }

  public NativeConfig mtu(int initial, int max) {
    jetstream_endpoint_config.initial_mtu(segment, (short) initial);
    jetstream_endpoint_config.max_mtu(segment, (short) max);
    return this;
  }

  public NativeConfig offload(boolean segmentation, boolean receive) {
    flag(jetstream_h.JETSTREAM_CONFIG_NO_GSO(), !segmentation);
    return flag(jetstream_h.JETSTREAM_CONFIG_NO_GRO(), !receive);
  }

  /** Wipes the keys and frees the memory. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      secrets.forEach(secret -> secret.fill((byte) 0));
      arena.close();
    }
  }

  private NativeConfig flag(int bit, boolean on) {
    int flags = jetstream_endpoint_config.flags(segment);
    jetstream_endpoint_config.flags(segment, on ? flags | bit : flags & ~bit);
    return this;
  }

  private MemorySegment put(MemorySegment field, byte[] bytes) {
    MemorySegment copy = bytes.length == 0 ? MemorySegment.NULL : arena.allocate(bytes.length);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, copy, 0, bytes.length);
    jetstream_bytes.data(field, copy);
    jetstream_bytes.len(field, bytes.length);
    return copy;
  }
}
