package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.JetStreamException.Kind;

/** Frames over real streams, good and hostile. */
@Timeout(30)
@ExtendWith(LeakExtension.class)
final class FrameTest {
  private static final int LIMIT = 64 << 10;

  @Test
  void framesOfRandomSizesComeBackAsTheyWere() throws Exception {
    long seed = System.nanoTime();
    System.out.println("FrameTest seed " + seed);
    try (Loopback loopback = new Loopback()) {
      for (int round = 0; round < 4; round++) {
        Random random = new Random(seed + round);
        List<byte[]> payloads = payloads(random);
        Pair pair = new Pair(loopback);
        boolean claim = round % 2 == 0;
        Waiting writer =
            Waiting.started(
                true,
                () -> {
                  write(pair.sender, payloads, claim);
                  return "written";
                });
        try (pair;
            FrameReader reader = new FrameReader(pair.receiver())) {
          for (byte[] payload : payloads) {
            assertFrame(reader.next(), payload);
          }
          assertThat(reader.next()).isNull();
          assertThat(reader.next()).isNull();
        }
        assertThat(writer.value()).isEqualTo("written");
      }
    }
  }

  private static List<byte[]> payloads(Random random) {
    List<byte[]> payloads = new ArrayList<>(List.of(new byte[0], new byte[1], new byte[1 << 20]));
    // Small ones share chunks, middle ones straddle them, large ones straddle leases.
    for (int bound : new int[] {4, 300, 3000, 200_000}) {
      for (int i = 0; i < 60; i++) {
        byte[] payload = new byte[random.nextInt(bound)];
        random.nextBytes(payload);
        payloads.add(payload);
      }
    }
    return payloads;
  }

  private static void write(SendStream stream, List<byte[]> payloads, boolean claim)
      throws Exception {
    FrameWriter writer = new FrameWriter(stream);
    for (byte[] payload : payloads) {
      if (claim && payload.length <= 500_000) {
        try (FrameWriter.Frame frame = writer.begin(payload.length)) {
          frame.payload().copyFrom(MemorySegment.ofArray(payload));
          frame.send();
        }
      } else {
        writer.write(MemorySegment.ofArray(payload));
      }
    }
    stream.finish();
  }

  @Test
  void aFrameSentByteByByteIsPutTogether() throws Exception {
    try (Loopback loopback = new Loopback();
        Pair pair = new Pair(loopback)) {
      for (byte b : frame(5, new byte[] {42})) {
        pair.sender.send(new byte[] {b});
        pair.sender.flush(); // its own packet
      }
      pair.sender.finish();
      try (FrameReader reader = new FrameReader(pair.receiver())) {
        assertFrame(reader.next(), new byte[] {42});
        assertThat(reader.next()).isNull();
      }
    }
  }

  @Test
  void aFrameInOneChunkIsReadWhereItLies() throws Exception {
    try (Loopback loopback = new Loopback();
        Pair pair = new Pair(loopback)) {
      pair.sender.sendAndFinish(frame(8, new byte[] {1, 2, 3, 4}));
      try (FrameReader reader = new FrameReader(pair.receiver())) {
        MemorySegment frame = reader.next();
        assertThat(frame.isNative()).isTrue();
        assertThat(frame.isReadOnly()).isTrue();
        assertThat(reader.next()).isNull();
        assertThatIllegalStateException().isThrownBy(() -> frame.get(ValueLayout.JAVA_BYTE, 0));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, LIMIT + 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0xFFFF_FFFF})
  void aSizeOutOfRangeIsABadFrame(int size) throws Exception {
    assertBadFrame(frame(size, new byte[] {1, 2, 3}), false);
    assertBadFrame(frame(size, new byte[0]), true);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 99})
  void anEndInsideAFrameIsABadFrame(int sent) throws Exception {
    assertBadFrame(java.util.Arrays.copyOf(frame(100, new byte[96]), sent), true);
  }

  // r[verify security.1.25]
  @Test
  void theSmallestAndTheLargestFrameAreFrames() throws Exception {
    try (Loopback loopback = new Loopback();
        Pair pair = new Pair(loopback)) {
      pair.sender.send(frame(4, new byte[0]));
      pair.sender.sendAndFinish(frame(LIMIT, new byte[LIMIT - 4]));
      try (FrameReader reader = new FrameReader(pair.receiver(), 4, LIMIT)) {
        assertFrame(reader.next(), new byte[0]);
        assertFrame(reader.next(), new byte[LIMIT - 4]);
        assertThat(reader.next()).isNull();
      }
    }
  }

  @Test
  void aResetInsideAFrameIsAReset() throws Exception {
    try (Loopback loopback = new Loopback();
        Pair pair = new Pair(loopback)) {
      pair.sender.send(frame(100, new byte[10]));
      try (FrameReader reader = new FrameReader(pair.receiver())) {
        Waiting waiting = Waiting.in(false, reader::next);
        pair.sender.reset(6);
        assertThat(waiting.failure().kind()).isEqualTo(Kind.STREAM_RESET);
        assertThat(waiting.failure().code()).isEqualTo(6);
      } catch (WrongThreadException e) {
        throw new AssertionError("a lease was left to a thread that got nothing", e);
      }
    }
  }

  // r[verify security.1.23]
  // r[verify security.1.24]
  // r[verify security.1.25]
  @Test
  void aPromiseOfManyBytesAllocatesFew() throws Exception {
    try (Loopback loopback = new Loopback();
        Pair pair = new Pair(loopback)) {
      pair.sender.sendAndFinish(frame(FrameReader.HARD_LIMIT, new byte[0]));
      try (FrameReader reader = new FrameReader(pair.receiver(), 4, FrameReader.HARD_LIMIT)) {
        StreamException failure = catchThrowableOfType(StreamException.class, reader::next);
        assertThat(failure.kind()).isEqualTo(Kind.BAD_FRAME);
        Field buffer = FrameReader.class.getDeclaredField("straddling");
        buffer.setAccessible(true);
        assertThat((byte[]) buffer.get(reader)).hasSizeLessThanOrEqualTo(256);
      }
    }
  }

  @Test
  void aWriterRefusesWhatNoReaderTakes() throws Exception {
    try (Loopback loopback = new Loopback();
        SendStream stream = loopback.clientConnection.openUnidirectional()) {
      FrameWriter writer = new FrameWriter(stream, 100);
      assertThatIllegalArgumentException().isThrownBy(() -> writer.begin(97));
      assertThatIllegalArgumentException().isThrownBy(() -> writer.begin(-1));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> writer.write(MemorySegment.ofArray(new byte[97])));
      assertThatIllegalArgumentException().isThrownBy(() -> new FrameWriter(stream, 3));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new FrameWriter(stream, FrameReader.HARD_LIMIT + 1));
    }
  }

  private static void assertBadFrame(byte[] sent, boolean finish) throws Exception {
    try (Loopback loopback = new Loopback();
        Pair pair = new Pair(loopback)) {
      pair.sender.send(sent);
      if (finish) {
        pair.sender.finish();
      }
      try (FrameReader reader = new FrameReader(pair.receiver(), 4, LIMIT)) {
        StreamException failure = catchThrowableOfType(StreamException.class, reader::next);
        assertThat(failure.kind()).as("%s", failure).isEqualTo(Kind.BAD_FRAME);
        assertThat(failure.initiator()).isEqualTo(Initiator.REMOTE);
      }
    }
  }

  private static void assertFrame(MemorySegment frame, byte[] payload) {
    assertThat(frame).isNotNull();
    assertThat(frame.asSlice(FrameReader.PREFIX).mismatch(MemorySegment.ofArray(payload)))
        .isEqualTo(-1);
    assertThat(frame.get(FrameReader.SIZE, 0)).isEqualTo(payload.length + FrameReader.PREFIX);
  }

  private static byte[] frame(int size, byte[] payload) {
    return ByteBuffer.allocate(4 + payload.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(size)
        .put(payload)
        .array();
  }

  /** A unidirectional stream's two ends; the receiver is there after the first bytes. */
  private static final class Pair implements AutoCloseable {
    private final Loopback loopback;
    private final SendStream sender;
    private ReceiveStream receiver;

    private Pair(Loopback loopback) throws Exception {
      this.loopback = loopback;
      sender = loopback.clientConnection.openUnidirectional();
    }

    private ReceiveStream receiver() throws Exception {
      receiver = loopback.serverConnection.acceptUnidirectional(Loopback.SOON);
      return receiver;
    }

    @Override
    public void close() {
      sender.close();
      if (receiver != null) {
        receiver.close();
      }
    }
  }
}
