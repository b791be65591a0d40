package rs.jetstream.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.LongConsumer;
import rs.jetstream.quic.Claim;
import rs.jetstream.quic.Lease;
import rs.jetstream.quic.ReceiveStream;
import rs.jetstream.quic.SendStream;

/** Files on streams in bounded memory, without a copy on this side of the native half. */
final class FileStreams {
  private static final int PIECE = 256 << 10;

  private FileStreams() {}

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** Sends a file and finishes; {@code digest} gets what is sent, {@code progress} its sizes. */
  static void send(SendStream stream, Path path, MessageDigest digest, LongConsumer progress)
      throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      while (true) {
        try (Claim claim = stream.claim(PIECE)) {
          ByteBuffer piece = claim.segment().asByteBuffer();
          while (piece.hasRemaining() && file.read(piece) >= 0) {}
          int size = piece.flip().remaining();
          if (size == 0) {
            break;
          }
          digest.update(piece);
          claim.commit(size);
          progress.accept(size);
        }
      }
      stream.finish();
    }
  }

  /**
   * Receives up to the clean end; closes {@code first}.
   *
   * @param first the lease to begin with
   * @param skip bytes at its begin that do not belong to the file
   */
  static void receive(
      ReceiveStream stream, Lease first, long skip, MessageDigest digest, LongConsumer progress)
      throws IOException {
    long skipped = skip;
    Lease next = first;
    while (true) {
      try (Lease lease = next) {
        for (MemorySegment chunk : lease) {
          digest.update(chunk.asSlice(skipped).asByteBuffer());
          skipped = 0;
        }
        progress.accept(lease.byteSize());
        if (lease.isLast() || lease.isEmpty()) {
          return;
        }
      }
      next = stream.lend();
    }
  }
}
