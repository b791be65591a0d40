package rs.jetstream.benchmarks.trials;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import rs.jetstream.benchmarks.Options;

/** Datagrams that no connection sent. */
final class Garbage {
  enum Kind {
    /** Packets with short headers, of ids that nobody made. */
    SHORT,
    /** Packets with short headers, of the id of a connection that has ended: each is answered. */
    STALE,
    /** Initial packets of QUIC version 1 that nobody can open. */
    INITIAL
  }

  private static final int COUNT = 1024;
  private static final int SHORT_SIZE = 300;
  private static final int INITIAL_SIZE = 1200;

  private Garbage() {}

  /** So many different ones, each a volley of its own. */
  static List<List<ByteBuffer>> of(Kind kind, Options options, InetSocketAddress server)
      throws IOException {
    byte[] stale = kind == Kind.STALE ? StaleId.of(options, server) : new byte[0];
    long seed = System.nanoTime();
    System.err.println("garbage of seed " + seed);
    Random random = new Random(seed);
    List<List<ByteBuffer>> made = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      made.add(List.of(kind == Kind.INITIAL ? initial(random) : shortHeader(random, stale)));
    }
    return made;
  }

  /** The fixed bit is set, else it would be no packet at all (RFC 9000 section 17.3). */
  static ByteBuffer shortHeader(Random random, byte[] id) {
    byte[] packet = new byte[SHORT_SIZE];
    random.nextBytes(packet);
    packet[0] = (byte) (0x40 | (packet[0] & 0x3f));
    System.arraycopy(id, 0, packet, 1, id.length);
    return direct(packet);
  }

  /** RFC 9000 section 17.2.2: random ids of 8 bytes, no token, random content. */
  private static ByteBuffer initial(Random random) {
    byte[] packet = new byte[INITIAL_SIZE];
    random.nextBytes(packet);
    int content = INITIAL_SIZE - 26;
    byte[] header = {(byte) 0xc3, 0, 0, 0, 1, 8};
    System.arraycopy(header, 0, packet, 0, header.length);
    packet[14] = 8;
    packet[23] = 0;
    packet[24] = (byte) (0x40 | (content >> 8));
    packet[25] = (byte) content;
    return direct(packet);
  }

  static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }
}
