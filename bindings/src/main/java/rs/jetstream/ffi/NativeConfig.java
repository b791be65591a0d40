package rs.jetstream.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import rs.jetstream.ffi.raw.jetstream_bytes;
import rs.jetstream.ffi.raw.jetstream_endpoint_config;
import rs.jetstream.ffi.raw.jetstream_h;

/**
 * The settings of an endpoint in native memory, defaults filled in; {@link #close()} wipes and
 * frees it.
 *
 * <p>Confined to the thread that made it, and needed only until the endpoint is open.
 */
public final class NativeConfig implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment segment = jetstream_endpoint_config.allocate(arena);
  private MemorySegment key = MemorySegment.NULL;

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
    key = put(jetstream_endpoint_config.identity_key_pem(segment), keyPem);
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

  public NativeConfig connections(long max, long maxHandshakes) {
    jetstream_endpoint_config.max_connections(segment, max);
    jetstream_endpoint_config.max_handshakes(segment, maxHandshakes);
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

  /** Wipes the key and frees the memory. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      key.fill((byte) 0);
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
