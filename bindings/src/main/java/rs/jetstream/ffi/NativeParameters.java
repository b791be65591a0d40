package rs.jetstream.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import rs.jetstream.ffi.raw.jetstream_h;
import rs.jetstream.ffi.raw.jetstream_transport_parameters;

/** What a connection's peer announced in its handshake; times in milliseconds. */
public record NativeParameters(
    boolean disableActiveMigration,
    long maxIdleTimeout,
    long maxUdpPayloadSize,
    long initialMaxStreamDataBidiLocal,
    long initialMaxStreamDataBidiRemote,
    long initialMaxStreamDataUni,
    long initialMaxStreamsBidi,
    long initialMaxStreamsUni,
    long maxAckDelay,
    long activeConnectionIdLimit,
    long maxDatagramFrameSize) {
  /** Reads them into {@code out[0]}; answers a {@link NativeStatus}. */
  public static int read(long connection, NativeParameters[] out, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment it = jetstream_transport_parameters.allocate(arena);
      jetstream_transport_parameters.size(it, (int) jetstream_transport_parameters.sizeof());
      int status = jetstream_h.jetstream_connection_peer_parameters(connection, it, block.error);
      if (status == NativeStatus.OK) {
        out[0] =
            new NativeParameters(
                jetstream_transport_parameters.disable_active_migration(it) != 0,
                jetstream_transport_parameters.max_idle_timeout_ms(it),
                jetstream_transport_parameters.max_udp_payload_size(it),
                jetstream_transport_parameters.initial_max_stream_data_bidi_local(it),
                jetstream_transport_parameters.initial_max_stream_data_bidi_remote(it),
                jetstream_transport_parameters.initial_max_stream_data_uni(it),
                jetstream_transport_parameters.initial_max_streams_bidi(it),
                jetstream_transport_parameters.initial_max_streams_uni(it),
                jetstream_transport_parameters.max_ack_delay_ms(it),
                jetstream_transport_parameters.active_connection_id_limit(it),
                jetstream_transport_parameters.max_datagram_frame_size(it));
      }
      return status;
    }
  }
}
