package rs.jetstream.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import rs.jetstream.ffi.raw.jetstream_address;
import rs.jetstream.ffi.raw.jetstream_endpoint_info;
import rs.jetstream.ffi.raw.jetstream_h;
import rs.jetstream.ffi.raw.jetstream_refusal;

/**
 * Checked calls on servers and clients. Each answers a {@link NativeStatus} and leaves its outputs
 * in the block.
 */
public final class NativeEndpoint {
  /** Operation of {@link Wakeable#wake}: a connection can be accepted. */
  public static final int WAKE_ACCEPT = 0;

  /** Operation of {@link Wakeable#wake}: closed, or dead. */
  public static final int WAKE_CLOSED = 1;

  /** Operation of {@link Wakeable#wake}: there is a question. */
  public static final int WAKE_QUESTION = 2;

  /** Operation of {@link Wakeable#wake}: there is an event. */
  public static final int WAKE_EVENT = 3;

  /** A handshake that a server refused. */
  public record Refusal(InetSocketAddress peer, int cause, String reason) {}

  /** What an endpoint has at the moment. */
  public record Details(
      InetSocketAddress localAddress,
      long socketReceiveBuffer,
      long socketSendBuffer,
      long connections,
      long handshakesFailed,
      long retries,
      List<Long> refused,
      long established,
      long statelessResets,
      long datagramsSent,
      long datagramsReceived,
      long bytesSent,
      long bytesReceived,
      long datagramsDropped,
      long packetsLost,
      long sendBuffered,
      long eventsDropped,
      long qlogDropped,
      List<Long> handshakesRefused) {}

  private NativeEndpoint() {}

  /** Reads the address of an inherited socket that an endpoint can be opened on. */
  public static int inspectSocket(int descriptor, InetSocketAddress[] out, Block block) {
    NativeLibrary.load();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = jetstream_address.allocate(arena);
      int status = jetstream_h.jetstream_socket_inspect(descriptor, address, block.error);
      if (status == NativeStatus.OK) {
        out[0] = NativeAddress.read(address).address();
      }
      return status;
    }
  }

  /** Binds a server; {@link Block#long0()} is the endpoint. */
  public static int openServer(NativeConfig config, Block block) {
    return jetstream_h.jetstream_server_open(config.segment(), block.out0, block.error);
  }

  /** Binds a client; {@link Block#long0()} is the endpoint. */
  public static int openClient(NativeConfig config, Block block) {
    return jetstream_h.jetstream_client_open(config.segment(), block.out0, block.error);
  }

  /** Takes the next connection; {@link Block#long0()} is it. */
  public static int pollAccept(long endpoint, long token, Block block) {
    return jetstream_h.jetstream_server_poll_accept(endpoint, token, block.out0, block.error);
  }

  /** Begins to connect; {@link Block#long0()} is the attempt. */
  public static int connect(
      long endpoint, InetSocketAddress peer, String serverName, long token, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = jetstream_address.allocate(arena);
      NativeAddress.write(peer, address);
      byte[] name = serverName.getBytes(StandardCharsets.UTF_8);
      MemorySegment nameMemory = arena.allocate(Math.max(1, name.length));
      MemorySegment.copy(MemorySegment.ofArray(name), 0, nameMemory, 0, name.length);
      return jetstream_h.jetstream_client_connect(
          endpoint, address, nameMemory, name.length, token, block.out0, block.error);
    }
  }

  /** Ready when the peer confirmed the handshake; {@link Block#long0()} is the connection. */
  public static int pollConnect(long connect, Block block) {
    return jetstream_h.jetstream_connect_poll(connect, block.out0, block.error);
  }

  /** Gives up an attempt. Twice, or after its answer, does nothing. */
  public static void freeConnect(long connect) {
    int ignored = jetstream_h.jetstream_connect_free(connect);
  }

  /** Closes all connections and ends the endpoint, after {@code drainMillis} at most. */
  public static int close(long endpoint, long code, int drainMillis, Block block) {
    return jetstream_h.jetstream_endpoint_close(endpoint, code, drainMillis, block.error);
  }

  /** Ready when thread, socket and memory are given back. */
  public static int pollClosed(long endpoint, Block block) {
    return jetstream_h.jetstream_endpoint_poll_closed(endpoint, block.error);
  }

  /** Gives the endpoint's number back. Twice does nothing. */
  public static void free(long endpoint) {
    int ignored = jetstream_h.jetstream_endpoint_free(endpoint);
  }

  /** Reads address, socket buffers and counts. */
  public static int describe(long endpoint, Details[] out, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = jetstream_endpoint_info.allocate(arena);
      jetstream_endpoint_info.size(info, (int) jetstream_endpoint_info.sizeof());
      int status = jetstream_h.jetstream_endpoint_describe(endpoint, info, block.error);
      if (status == NativeStatus.OK) {
        out[0] =
            new Details(
                NativeAddress.read(jetstream_endpoint_info.local_address(info)).address(),
                jetstream_endpoint_info.socket_receive_buffer(info),
                jetstream_endpoint_info.socket_send_buffer(info),
                jetstream_endpoint_info.connections(info),
                jetstream_endpoint_info.handshakes_failed(info),
                jetstream_endpoint_info.retries(info),
                List.of(
                    jetstream_endpoint_info.refused_connections(info),
                    jetstream_endpoint_info.refused_connections_per_source(info),
                    jetstream_endpoint_info.refused_handshakes(info),
                    jetstream_endpoint_info.refused_unaccepted(info),
                    jetstream_endpoint_info.refused_rate(info),
                    jetstream_endpoint_info.refused_rate_per_source(info),
                    jetstream_endpoint_info.refused_native_bytes(info),
                    jetstream_endpoint_info.refused_address(info),
                    jetstream_endpoint_info.refused_token(info),
                    jetstream_endpoint_info.refused_draining(info)),
                jetstream_endpoint_info.established(info),
                jetstream_endpoint_info.stateless_resets(info),
                jetstream_endpoint_info.datagrams_sent(info),
                jetstream_endpoint_info.datagrams_received(info),
                jetstream_endpoint_info.bytes_sent(info),
                jetstream_endpoint_info.bytes_received(info),
                jetstream_endpoint_info.datagrams_dropped(info),
                jetstream_endpoint_info.packets_lost(info),
                jetstream_endpoint_info.send_buffered(info),
                jetstream_endpoint_info.events_dropped(info),
                jetstream_endpoint_info.qlog_dropped(info),
                jetstream_endpoint_info
                    .handshakes_refused(info)
                    .elements(ValueLayout.JAVA_LONG)
                    .map(it -> it.get(ValueLayout.JAVA_LONG, 0))
                    .toList());
      }
      return status;
    }
  }

  /** Takes the oldest refused handshake; pending when there is none. */
  public static int takeRefusal(long endpoint, Refusal[] out, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment refusal = jetstream_refusal.allocate(arena);
      jetstream_refusal.size(refusal, (int) jetstream_refusal.sizeof());
      int status = jetstream_h.jetstream_server_take_refusal(endpoint, refusal, block.error);
      if (status == NativeStatus.OK) {
        out[0] =
            new Refusal(
                NativeAddress.read(jetstream_refusal.peer(refusal)).address(),
                jetstream_refusal.cause(refusal),
                NativeConnection.text(
                    jetstream_refusal
                        .reason(refusal)
                        .asSlice(0, jetstream_refusal.reason_len(refusal))));
      }
      return status;
    }
  }
}
