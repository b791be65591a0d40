package rs.jetstream.quic;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Writes frames that begin with their size, as {@link FrameReader} reads them, straight into memory
 * that is sent.
 *
 * {@snippet :
 * try (FrameWriter.Frame frame = writer.begin(payloadSize)) {
 *   encode(frame.payload());
 *   frame.send();
 * }
 * }
 *
 * <p>One thread. The stream is the caller's to finish and close.
 */
public final class FrameWriter {
  private final SendStream stream;
  private final int limit;

  /**
   * Writes frames of up to {@link FrameReader#DEFAULT_LIMIT} bytes, and the stream's largest claim.
   */
  public FrameWriter(SendStream stream) {
    this(stream, FrameReader.DEFAULT_LIMIT);
  }

  /**
   * Writes frames of up to {@code limit} bytes, their size counted.
   *
   * @param limit at most {@link FrameReader#HARD_LIMIT}
   */
  public FrameWriter(SendStream stream, int limit) {
    if (limit < FrameReader.PREFIX || limit > FrameReader.HARD_LIMIT) {
      throw new IllegalArgumentException(
          "limit is "
              + limit
              + ", must be from "
              + FrameReader.PREFIX
              + " to "
              + FrameReader.HARD_LIMIT);
    }
    this.stream = stream;
    this.limit = limit;
  }

  /**
   * Begins a frame of {@code payloadSize} bytes after its size, in memory that is then sent without
   * a copy.
   *
   * @throws IllegalArgumentException when the frame would be larger than the limit
   */
  public Frame begin(int payloadSize) throws IOException {
    Claim claim = stream.claim(checked(payloadSize));
    claim.segment().set(FrameReader.SIZE, 0, FrameReader.PREFIX + payloadSize);
    return new Frame(claim);
  }

  /** Sends a frame with a copy of {@code payload}, whatever its size up to the limit. */
  public void write(MemorySegment payload) throws IOException {
    int size = checked(payload.byteSize());
    if (size <= stream.connection().settings().maxClaim()) {
      try (Frame frame = begin((int) payload.byteSize())) {
        frame.payload().copyFrom(payload);
        frame.send();
      }
      return;
    }
    byte[] prefix = new byte[FrameReader.PREFIX];
    MemorySegment.ofArray(prefix).set(FrameReader.SIZE, 0, size);
    stream.send(prefix);
    stream.send(payload);
  }

  private int checked(long payloadSize) {
    if (payloadSize < 0 || payloadSize > limit - FrameReader.PREFIX) {
      throw new IllegalArgumentException(
          "a payload of " + payloadSize + " bytes does not fit the frame limit of " + limit);
    }
    return (int) payloadSize + FrameReader.PREFIX;
  }

  /** A frame that is being written. */
  public static final class Frame implements AutoCloseable {
    private final Claim claim;

    private Frame(Claim claim) {
      this.claim = claim;
    }

    /** The memory after the size, zeroed. */
    public MemorySegment payload() {
      return claim.segment().asSlice(FrameReader.PREFIX);
    }

    /** Sends the frame, waiting while there is no room. */
    public void send() throws IOException {
      claim.commit();
    }

    /** Drops the frame unless it was sent. */
    @Override
    public void close() {
      claim.close();
    }
  }
}
