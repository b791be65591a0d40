package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import rs.jetstream.quic.Claim;
import rs.jetstream.quic.Lease;
import rs.jetstream.quic.ReceiveStream;
import rs.jetstream.quic.SendStream;

/** Sends and receives many bytes in the way that the options say. Any thread. */
final class Bulk {
  private final boolean receivesByCopy;
  private final boolean sendsByClaim;
  private final int size;

  /** Size of the frames that bulk data consists of, for who reads it as frames. */
  static final int FRAME = 128;

  /** What is sent, again and again. */
  private final MemorySegment chunk;

  @SuppressWarnings("MustBeClosedChecker") // lives as long as the process
  Bulk(Options options) {
    receivesByCopy = options.receivesByCopy();
    sendsByClaim = options.sendsByClaim();
    size = options.chunk();
    chunk = Arena.global().allocate(size).fill((byte) 0xA5);
    for (long at = 0; at + FRAME <= size; at += FRAME) {
      chunk.set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), at, FRAME);
    }
  }

  void send(SendStream stream, long bytes) throws IOException {
    for (long left = bytes; left > 0; ) {
      long piece = Math.min(left, size);
      if (sendsByClaim) {
        try (Claim claim = stream.claim(piece)) {
          claim.commit();
        }
      } else {
        stream.send(piece == size ? chunk : chunk.asSlice(0, piece));
      }
      left -= piece;
    }
    stream.finish();
  }

  /** Receives to the end, and drops and counts what comes. */
  long receive(ReceiveStream stream) throws IOException {
    long received = 0;
    if (receivesByCopy) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment target = arena.allocate(size);
        for (long count; (count = stream.receive(target)) >= 0; ) {
          received += count;
        }
      }
      return received;
    }
    while (true) {
      try (Lease lease = stream.lend()) {
        received += lease.byteSize();
        if (lease.isLast()) {
          return received;
        }
      }
    }
  }
}
