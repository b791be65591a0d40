package rs.jetstream.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import rs.jetstream.ffi.raw.jetstream_address;
import rs.jetstream.ffi.raw.jetstream_connection_stats;
import rs.jetstream.ffi.raw.jetstream_datagram_stats;
import rs.jetstream.ffi.raw.jetstream_h;
import rs.jetstream.ffi.raw.jetstream_tls_info;

/**
 * Checked calls on connections. Each answers a {@link NativeStatus} and leaves its outputs in the
 * block.
 */
public final class NativeConnection {
  public static final int BIDIRECTIONAL = 0;
  public static final int UNIDIRECTIONAL = 1;

  /** Operations of {@link Wakeable#wake}; the unidirectional ones are one higher. */
  public static final int WAKE_ACCEPT = 0;

  public static final int WAKE_OPEN = 2;
  public static final int WAKE_CONNECT = 4;
  public static final int WAKE_CLOSED = 5;
  public static final int WAKE_PING = 6;
  public static final int WAKE_DATAGRAM = 7;

  /** Numbers of a connection's datagrams. */
  public record DatagramStats(
      long largest, long sent, long received, long droppedSending, long droppedReceiving) {}

  /** Numbers of a connection; times in nanoseconds. */
  public record Stats(
      int ecn,
      long connection,
      long datagramsSent,
      long datagramsReceived,
      long bytesSent,
      long bytesReceived,
      long packetsSent,
      long packetsReceived,
      long packetsLost,
      long bytesLost,
      long streamBytesSent,
      long streamBytesReceived,
      long latestRtt,
      long smoothedRtt,
      long minRtt,
      long rttVariance,
      long congestionWindow,
      long bytesInFlight,
      long congestionEvents,
      long mtu,
      long pathChanges,
      long handshake,
      long sendBuffered,
      long probesSent,
      long streams,
      long streamsEver) {}

  private NativeConnection() {}

  /**
   * Opens a stream and sends what there is room for of {@code data}; {@link Block#long0()} is the
   * stream, {@link Block#long1()} its id, {@link Block#long2()} the bytes taken.
   */
  public static int pollOpen(
      long connection, int kind, long token, MemorySegment data, int flags, Block block) {
    Call.nativeMemory(data, "data");
    try {
      return jetstream_h.jetstream_connection_poll_open(
          connection,
          kind,
          token,
          data,
          data.byteSize(),
          flags,
          block.out0,
          block.out1,
          block.out2,
          block.error);
    } catch (AssertionError e) {
      throw Call.unwrap(e);
    }
  }

  /**
   * Takes a stream of the peer; {@link Block#long0()} is the stream, {@link Block#long1()} its id.
   */
  public static int pollAccept(long connection, int kind, long token, Block block) {
    return jetstream_h.jetstream_connection_poll_accept(
        connection, kind, token, block.out0, block.out1, block.error);
  }

  /** Closes the connection with {@code code}. Again does nothing. */
  public static int close(long connection, long code, Block block) {
    return jetstream_h.jetstream_connection_close(connection, code, block.error);
  }

  /** Pending while the connection lives, then the failure that tells why it ended. */
  public static int pollClosed(long connection, Block block) {
    return jetstream_h.jetstream_connection_poll_closed(connection, block.error);
  }

  /** Gives the connection's number back. Twice does nothing. */
  public static void free(long connection) {
    int ignored = jetstream_h.jetstream_connection_free(connection);
  }

  /** Switches keep-alive packets. */
  public static int keepAlive(long connection, boolean enabled, Block block) {
    return jetstream_h.jetstream_connection_keep_alive(connection, enabled ? 1 : 0, block.error);
  }

  /** Reads both addresses: local, then peer. */
  public static int addresses(long connection, NativeAddress[] out, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment local = jetstream_address.allocate(arena);
      MemorySegment peer = jetstream_address.allocate(arena);
      int status = jetstream_h.jetstream_connection_addresses(connection, local, peer, block.error);
      if (status == NativeStatus.OK) {
        out[0] = NativeAddress.read(local);
        out[1] = NativeAddress.read(peer);
      }
      return status;
    }
  }

  /** Reads what the handshake agreed on. */
  public static int tls(long connection, NativeTls[] out, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = jetstream_tls_info.allocate(arena);
      jetstream_tls_info.size(info, (int) jetstream_tls_info.sizeof());
      int status = jetstream_h.jetstream_connection_tls(connection, info, block.error);
      if (status == NativeStatus.OK) {
        out[0] = NativeTls.read(info);
      }
      return status;
    }
  }

  /** Reads the peer's certificates in DER, leaf first, one after the other. */
  public static int peerChain(long connection, byte[][] out, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment needed = arena.allocate(JAVA_LONG);
      // Enough for most chains; a longer one is asked for again.
      for (long size = 8192; ; size = needed.get(JAVA_LONG, 0)) {
        MemorySegment buffer = arena.allocate(Math.max(size, 1));
        int status =
            jetstream_h.jetstream_connection_peer_chain(
                connection, buffer, size, needed, block.error);
        if (status != NativeStatus.OK) {
          return status;
        }
        if (needed.get(JAVA_LONG, 0) <= size) {
          out[0] =
              buffer
                  .asSlice(0, needed.get(JAVA_LONG, 0))
                  .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
          return status;
        }
      }
    }
  }

  /** Reads the numbers of the connection. */
  public static int stats(long connection, Stats[] out, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment it = jetstream_connection_stats.allocate(arena);
      jetstream_connection_stats.size(it, (int) jetstream_connection_stats.sizeof());
      int status = jetstream_h.jetstream_connection_stats_read(connection, it, block.error);
      if (status == NativeStatus.OK) {
        out[0] =
            new Stats(
                jetstream_connection_stats.ecn(it),
                jetstream_connection_stats.connection(it),
                jetstream_connection_stats.datagrams_sent(it),
                jetstream_connection_stats.datagrams_received(it),
                jetstream_connection_stats.bytes_sent(it),
                jetstream_connection_stats.bytes_received(it),
                jetstream_connection_stats.packets_sent(it),
                jetstream_connection_stats.packets_received(it),
                jetstream_connection_stats.packets_lost(it),
                jetstream_connection_stats.bytes_lost(it),
                jetstream_connection_stats.stream_bytes_sent(it),
                jetstream_connection_stats.stream_bytes_received(it),
                jetstream_connection_stats.latest_rtt_ns(it),
                jetstream_connection_stats.smoothed_rtt_ns(it),
                jetstream_connection_stats.min_rtt_ns(it),
                jetstream_connection_stats.rtt_variance_ns(it),
                jetstream_connection_stats.congestion_window(it),
                jetstream_connection_stats.bytes_in_flight(it),
                jetstream_connection_stats.congestion_events(it),
                jetstream_connection_stats.mtu(it),
                jetstream_connection_stats.path_changes(it),
                jetstream_connection_stats.handshake_ns(it),
                jetstream_connection_stats.send_buffered(it),
                jetstream_connection_stats.probes_sent(it),
                jetstream_connection_stats.streams(it),
                jetstream_connection_stats.streams_ever(it));
      }
      return status;
    }
  }

  /** Sends a PING; {@link Block#long0()} is for {@link #pollPing}. */
  public static int ping(long connection, Block block) {
    return jetstream_h.jetstream_connection_ping(connection, block.out0, block.error);
  }

  /** Ready when the peer has answered the ping. */
  public static int pollPing(long connection, long packet, Block block) {
    return jetstream_h.jetstream_connection_poll_ping(connection, packet, block.error);
  }

  /** Queues a datagram; {@link Block#flag1()} is whether there was room. */
  public static int sendDatagram(long connection, MemorySegment data, Block block) {
    Call.nativeMemory(data, "data");
    try {
      return jetstream_h.jetstream_connection_send_datagram(
          connection, data, data.byteSize(), block.out1, block.error);
    } catch (AssertionError e) {
      throw Call.unwrap(e);
    }
  }

  /** Takes the next datagram into {@code target}; {@link Block#long0()} is its length. */
  public static int pollReceiveDatagram(long connection, MemorySegment target, Block block) {
    return jetstream_h.jetstream_connection_poll_receive_datagram(
        connection, target, target.byteSize(), block.out0, block.error);
  }

  /** Reads the numbers of the connection's datagrams. */
  public static int datagramStats(long connection, DatagramStats[] out, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment it = jetstream_datagram_stats.allocate(arena);
      jetstream_datagram_stats.size(it, (int) jetstream_datagram_stats.sizeof());
      int status =
          jetstream_h.jetstream_connection_datagram_stats_read(connection, it, block.error);
      if (status == NativeStatus.OK) {
        out[0] =
            new DatagramStats(
                jetstream_datagram_stats.largest(it),
                jetstream_datagram_stats.sent(it),
                jetstream_datagram_stats.received(it),
                jetstream_datagram_stats.dropped_sending(it),
                jetstream_datagram_stats.dropped_receiving(it));
      }
      return status;
    }
  }

  /** Reads the key of exporter {@code index}. */
  public static int exported(long connection, int index, byte[][] out, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      // An exporter derives at most 255 bytes.
      MemorySegment key = arena.allocate(255);
      MemorySegment needed = arena.allocate(JAVA_LONG);
      int status =
          jetstream_h.jetstream_connection_exported(
              connection, index, key, key.byteSize(), needed, block.error);
      if (status == NativeStatus.OK) {
        out[0] =
            key.asSlice(0, needed.get(JAVA_LONG, 0))
                .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
      }
      key.fill((byte) 0);
      return status;
    }
  }

  /** A text field of fixed size that ends with NUL. */
  static String text(MemorySegment field) {
    byte[] bytes = field.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(Arrays.copyOf(bytes, end), StandardCharsets.UTF_8);
  }
}
