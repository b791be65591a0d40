package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.JetStreamException.Kind;

/** Frames that are taken on the endpoint's own thread, and those that are left to who reads. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class FrameHandlerTest {
  private static final String ENDPOINT = "jetstream-endpoint-";

  @Test
  void framesComeInOrderAndOnceWhoeverTakesThem() throws Exception {
    long seed = System.nanoTime();
    System.out.println("FrameHandlerTest seed " + seed);
    Random random = new Random(seed);
    List<byte[]> payloads = new ArrayList<>();
    for (int bound : new int[] {4, 300, 3000, 40_000, 300}) {
      for (int i = 0; i < 400; i++) {
        byte[] payload = new byte[1 + random.nextInt(bound)];
        random.nextBytes(payload);
        payloads.add(payload);
      }
    }
    try (Reading reading = new Reading()) {
      ConcurrentLinkedQueue<byte[]> got = new ConcurrentLinkedQueue<>();
      AtomicInteger taken = new AtomicInteger();
      // The first byte says who takes it: one in eight is left.
      FrameHandler handler =
          frame -> {
            byte[] payload = payload(frame);
            if ((payload[0] & 7) == 0) {
              return false;
            }
            got.add(payload);
            taken.incrementAndGet();
            return true;
          };
      Waiting waiting =
          reading.waiting(reader -> {
            MemorySegment frame;
            while ((frame = reader.next(handler)) != null) {
              got.add(payload(frame));
            }
            return null;
          });
      for (byte[] payload : payloads) {
        reading.sender.send(frame(payload));
        if (random.nextInt(4) == 0) {
          reading.sender.flush(); // so that the reader waits now and then
        }
      }
      reading.sender.finish();
      assertThat(waiting.value()).isNull();
      List<byte[]> all = List.copyOf(got);
      assertThat(all).hasSameSizeAs(payloads);
      for (int i = 0; i < payloads.size(); i++) {
        assertThat(all.get(i)).isEqualTo(payloads.get(i));
      }
      assertThat(taken).hasPositiveValue();
    }
  }

  @Test
  void aSmallFrameIsTakenOnTheEndpointsThread() throws Exception {
    try (Reading reading = new Reading()) {
      LinkedBlockingQueue<String> threads = new LinkedBlockingQueue<>();
      Waiting waiting =
          reading.waiting(reader -> {
            while (reader.next(frame -> threads.add(Thread.currentThread().getName())) != null) {
              threads.add("left"); // on a machine so busy that the handler seemed slow
            }
            return null;
          });
      for (int taken = 0; taken < 3; ) {
        reading.sender.send(frame(new byte[] {1}));
        String thread = threads.take();
        if (!thread.equals("left")) {
          assertThat(thread).startsWith(ENDPOINT);
          taken++;
        }
      }
      reading.sender.finish();
      assertThat(waiting.value()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, Reading.LIMIT + 1, 1 << 30, Integer.MIN_VALUE})
  void aBadSizeIsABadFrameForWhoReads(int size) throws Exception {
    try (Reading reading = new Reading()) {
      CountDownLatch taken = new CountDownLatch(1);
      Waiting waiting =
          reading.handling(frame -> {
            taken.countDown();
            return true;
          });
      byte[] bad = new byte[4];
      ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putInt(size);
      byte[] good = frame(new byte[] {1});
      byte[] both = Arrays.copyOf(good, good.length + 4);
      System.arraycopy(bad, 0, both, good.length, 4);
      reading.sender.send(both);
      assertThat(waiting.failure().kind()).isEqualTo(Kind.BAD_FRAME);
      taken.await();
    }
  }

  @Test
  void anEndInsideAFrameIsABadFrameForWhoReads() throws Exception {
    try (Reading reading = new Reading()) {
      Waiting waiting = reading.handling(frame -> true);
      reading.sender.sendAndFinish(Arrays.copyOf(frame(new byte[50]), 20));
      assertThat(waiting.failure().kind()).isEqualTo(Kind.BAD_FRAME);
    }
  }

  @Test
  void aResetIsForWhoReads() throws Exception {
    try (Reading reading = new Reading()) {
      Waiting waiting = reading.handling(frame -> true);
      reading.sender.reset(6);
      assertThat(waiting.failure().kind()).isEqualTo(Kind.STREAM_RESET);
      assertThat(waiting.failure().code()).isEqualTo(6);
    }
  }

  @Test
  void whatAHandlerThrowsEndsItsReaderAndNothingElse() throws Exception {
    for (Throwable thrown :
        List.of(
            new IllegalStateException("test"),
            new StackOverflowError(),
            new OutOfMemoryError("test"))) {
      try (Reading reading = new Reading()) {
        FrameHandler handler =
            frame -> {
              if (thrown instanceof Error error) {
                throw error;
              }
              throw (RuntimeException) thrown;
            };
        Waiting waiting =
            reading.waiting(reader -> {
              assertThat(catchThrowable(() -> reader.next(handler))).isSameAs(thrown);
              assertThat(catchThrowable(() -> reader.next(frame -> true))).isSameAs(thrown);
              assertThat(catchThrowable(reader::next)).isSameAs(thrown);
              return null;
            });
        reading.sender.send(frame(new byte[] {1}));
        assertThat(waiting.value()).isNull();
        reading.loopback.serverConnection.openUnidirectional().close();
      }
    }
  }

  @Test
  void aRealStackOverflowEndsItsReaderAndNothingElse() throws Exception {
    try (Reading reading = new Reading()) {
      Waiting waiting = reading.handling(frame -> overflow(0) > 0);
      reading.sender.send(frame(new byte[] {1}));
      assertThat(waiting.outcome().failure()).isInstanceOf(StackOverflowError.class);
      reading.loopback.serverConnection.openUnidirectional().close();
    }
  }

  private static long overflow(long depth) {
    return depth < Long.MAX_VALUE ? overflow(depth + 1) + overflow(depth + 2) : depth;
  }

  @Test
  void aWaitOnTheEndpointsThreadIsRefused() throws Exception {
    try (Reading reading = new Reading()) {
      Waiting waiting =
          reading.handling(frame -> {
            assertThat(JetStreamLibrary.isEndpointThread()).isTrue();
            try {
              return reading.loopback.serverConnection.acceptUnidirectional() == null;
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
      reading.sender.send(frame(new byte[] {1}));
      assertThat(waiting.outcome().failure())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("endpoint's own thread");
      assertThat(JetStreamLibrary.isEndpointThread()).isFalse();
    }
  }

  @Test
  void aSlowHandlerIsNotAskedForASecond() throws Exception {
    try (Reading reading = new Reading()) {
      LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
      AtomicInteger asked = new AtomicInteger();
      FrameHandler slow =
          frame -> {
            long began = System.nanoTime();
            while (asked.get() == 0 && System.nanoTime() - began < 20_000_000) {
              Thread.onSpinWait();
            }
            asked.incrementAndGet();
            return events.add("taken");
          };
      Waiting waiting =
          reading.waiting(reader -> {
            while (reader.next(slow) != null) {
              events.add("left");
            }
            return null;
          });
      reading.sender.send(frame(new byte[1]));
      assertThat(events.take()).isEqualTo("taken");
      long began = System.nanoTime();
      int left = -1;
      String event;
      do {
        left++;
        reading.sender.send(frame(new byte[1]));
        event = events.take();
      } while (event.equals("left"));
      assertThat(left).isPositive();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(700));
      reading.sender.finish();
      assertThat(waiting.value()).isNull();
    }
  }

  /** A handler that stays until it is let go. */
  private static final class Held implements FrameHandler {
    private final boolean takes;
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);

    Held(boolean takes) {
      this.takes = takes;
    }

    @Override
    public boolean take(MemorySegment frame) {
      inside.countDown();
      await(go);
      return takes;
    }
  }

  @Test
  void whoInterruptsTheReaderWaitsForTheHandlerAndLosesNothing() throws Exception {
    try (Reading reading = new Reading()) {
      Held held = new Held(false);
      Waiting waiting =
          reading.waiting(reader -> {
            Throwable interrupted = catchThrowable(() -> reader.next(held));
            assertThat(interrupted).isInstanceOf(InterruptedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(held.go.getCount()).isZero();
            return payload(reader.next(frame -> true))[0];
          });
      reading.sender.send(frame(new byte[] {7}));
      held.inside.await();
      waiting.interrupt();
      reading.untilWanted();
      held.go.countDown();
      assertThat(waiting.value()).isEqualTo((byte) 7);
    }
  }

  @Test
  void whoClosesTheReaderWaitsForTheHandler() throws Exception {
    try (Reading reading = new Reading()) {
      Held held = new Held(true);
      Waiting waiting = reading.handling(held);
      reading.sender.send(frame(new byte[] {7}));
      held.inside.await();
      reading.receiver.close();
      reading.untilWanted();
      held.go.countDown();
      assertThat(waiting.failure().kind()).isEqualTo(Kind.CLOSED_LOCALLY);
    }
  }

  @Test
  void theTimeoutIsForAPeerThatIsSilent() throws Exception {
    try (Reading reading = new Reading()) {
      Duration timeout = Duration.ofSeconds(1);
      reading.receiver.timeout(timeout);
      long began = System.nanoTime();
      Waiting waiting =
          reading.waiting(reader -> {
            while (reader.next(frame -> true) != null) {
              // Left on a machine so busy that the handler seemed slow.
            }
            return null;
          });
      while (System.nanoTime() - began < 2 * timeout.toNanos()) {
        reading.sender.send(frame(new byte[1]));
        reading.sender.flush();
      }
      assertThat(waiting.failure().kind()).isEqualTo(Kind.DEADLINE);
      assertThat(System.nanoTime() - began).isGreaterThan(2 * timeout.toNanos());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] payload(MemorySegment frame) {
    return frame.asSlice(FrameReader.PREFIX).toArray(ValueLayout.JAVA_BYTE);
  }

  private static byte[] frame(byte[] payload) {
    return ByteBuffer.allocate(4 + payload.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(4 + payload.length)
        .put(payload)
        .array();
  }

  /** What a thread does with a reader whose first frame it has read. */
  private interface Reads {
    Object with(FrameReader reader) throws Exception;
  }

  /** A stream whose receiver is there, and somebody who reads from it. */
  private static final class Reading implements AutoCloseable {
    private static final int LIMIT = 100_000;

    final Loopback loopback = new Loopback();
    final SendStream sender = loopback.clientConnection.openUnidirectional();
    final ReceiveStream receiver;
    private Thread thread;

    Reading() throws IOException {
      sender.send(frame(new byte[1]));
      receiver = loopback.serverConnection.acceptUnidirectional(Loopback.SOON);
    }

    /** Returns when the thread waits for the second frame. */
    Waiting waiting(Reads reads) throws Exception {
      return Waiting.in(
          true,
          () -> {
            thread = Thread.currentThread();
            try (FrameReader reader = new FrameReader(receiver, FrameReader.PREFIX, LIMIT)) {
              assertThat(reader.next()).isNotNull();
              return reads.with(reader);
            }
          });
    }

    Waiting handling(FrameHandler handler) throws Exception {
      return waiting(reader -> reader.next(handler));
    }

    /** Returns when the reading thread waits for the handler. */
    void untilWanted() {
      while (!(LockSupport.getBlocker(thread) instanceof AtOnce)) {
        Thread.onSpinWait();
      }
    }

    @Override
    public void close() {
      sender.close();
      receiver.close();
      loopback.close();
    }
  }
}
