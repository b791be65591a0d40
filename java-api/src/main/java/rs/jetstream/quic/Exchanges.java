package rs.jetstream.quic;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.ExchangeMemory;
import rs.jetstream.ffi.NativeExchange;
import rs.jetstream.ffi.NativeStatus;

/**
 * Small requests and answers on the endpoint's own thread: the fastest way for calls of a few
 * bytes.
 *
 * <p>A request is all that one side sends on a new bidirectional stream, its answer all that the
 * other sends back; nothing else is on the wire. So each side may use exchanges or plain streams,
 * whatever the other does. What a small call costs beyond its packets is mostly the waking of
 * threads: here none is woken where the program can do its part in the endpoint's own thread.
 *
 * {@snippet :
 * connection.exchanges().answer((peer, request, answer) -> {
 *   answer.copyFrom(request);
 *   return request.byteSize();
 * });
 * byte[] pong = other.exchanges().request(ping, Duration.ofSeconds(1));
 * }
 *
 * <h2>Threads</h2>
 *
 * Any thread. Handlers run on the endpoint's thread, one at a time; {@link RequestHandler} says
 * what they must not do.
 */
@Experimental
public final class Exchanges {
  /** Bytes of the longest request and of the longest answer. */
  public static final int MAX_SIZE = ExchangeMemory.SIZE;

  /**
   * What became of the peer's requests.
   *
   * @param answered by the handler
   * @param declined by the handler; those that it was not asked are not counted
   * @param failed those whose handler threw
   * @param slow those that took more than 10 ms
   */
  public record Statistics(long answered, long declined, long failed, long slow) {}

  private final QuicConnection connection;

  Exchanges(QuicConnection connection) {
    this.connection = connection;
  }

  /**
   * Answers the peer's requests by {@code handler} from now on, for as long as the connection
   * lives. A request is a bidirectional stream whose peer sends all it has to say at once: up to
   * {@link #MAX_SIZE} bytes and the end, with no pause of 100 ms in between. Other streams, and
   * those that the handler declines, wait for {@link QuicConnection#acceptBidirectional()}: a
   * program that can be sent such must go on accepting. So do requests for whose answers there is
   * no room in {@link QuicSettings#maxSendBuffered()}.
   *
   * @throws IllegalArgumentException when the connection has a handler already
   */
  public void answer(RequestHandler handler) throws IOException {
    Objects.requireNonNull(handler, "handler");
    String doing = "answer requests";
    connection.requireOpen(doing);
    ExchangeMemory memory = connection.endpoint().exchangeMemory(doing);
    Answering answering = new Answering(connection, memory, handler);
    var set = connection.turns().answering;
    if (!set.compareAndSet(null, answering)) {
      throw new IllegalArgumentException(doing + ": the connection has a handler already");
    }
    boolean done = false;
    try {
      connection.call(doing, block -> NativeExchange.answer(connection.handle(), block));
      done = true;
    } finally {
      if (!done) {
        set.set(null);
      }
    }
  }

  /** What became of the peer's requests up to now. */
  public Statistics statistics() {
    Answering it = connection.turns().answering.get();
    return it == null ? new Statistics(0, 0, 0, 0) : it.statistics();
  }

  /**
   * Sends {@code request}, and lets {@code handler} have the answer on the endpoint's thread. Never
   * waits: a request for which the peer allows no stream yet is kept, as are the requests' bytes,
   * within {@link QuicSettings#maxSendBuffered()}.
   *
   * @param request at most {@link #MAX_SIZE} bytes, copied
   * @param timeout from now to the whole answer, from 1 ms to 1 day
   * @throws StreamException of kind LIMIT, with 16,384 requests or too many bytes without an
   *     answer: wait for answers
   * @throws ConnectionException when the connection has ended
   */
  public void request(MemorySegment request, Duration timeout, AnswerHandler handler)
      throws IOException {
    Objects.requireNonNull(handler, "handler");
    begin(request, timeout, handler);
  }

  private PendingRequest begin(MemorySegment request, Duration timeout, AnswerHandler handler)
      throws IOException {
    String doing = PendingRequest.DOING;
    int millis = Checks.millis("timeout", timeout);
    if (millis == 0) {
      throw new IllegalArgumentException("timeout is " + timeout + ", must be from 1 ms to 1 day");
    }
    connection.requireOpen(doing);
    if (!request.isNative()) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment copy = arena.allocate(Math.max(1, request.byteSize()));
        copy.copyFrom(request);
        return begin(copy.asSlice(0, request.byteSize()), timeout, handler);
      }
    }
    PendingRequest pending =
        new PendingRequest(connection.endpoint().exchangeMemory(doing), handler);
    Block block = Block.take();
    boolean called = false;
    try {
      int status =
          NativeExchange.request(connection.handle(), pending.token(), request, millis, block);
      called = true;
      // A failure after which it was handed over all the same is the handler's.
      if (status != NativeStatus.OK && pending.end()) {
        throw connection.failure(doing, status, block);
      }
      return pending;
    } finally {
      block.give();
      if (!called) {
        // As for a segment that is closed: nobody else ends it.
        var _ = pending.end();
      }
    }
  }

  /**
   * Sends {@code request} and waits for the answer. As {@link #request(MemorySegment, Duration,
   * AnswerHandler)}; the fastest call for a virtual thread, which is woken once.
   *
   * @return the answer
   * @throws StreamException as {@link AnswerHandler#failed} has it
   * @throws InterruptedIOException when the thread is interrupted, which stays set; the answer is
   *     dropped when it comes
   * @throws IllegalStateException on an endpoint's thread
   */
  public byte[] request(MemorySegment request, Duration timeout) throws IOException {
    Waiter.refuseOnEndpointThread();
    Wait wait = new Wait();
    var _ = begin(request, timeout, wait);
    return wait.answer();
  }

  /** Takes the answer for the thread that waits. */
  private static final class Wait implements AnswerHandler {
    private final Waiter waiter = new Waiter();
    private byte @Nullable [] answer;
    private @Nullable JetStreamException failure;

    // The fields are written before the waiter's volatile flag, and read after it.

    @Override
    public void answered(MemorySegment bytes) {
      answer = bytes.toArray(ValueLayout.JAVA_BYTE);
      waiter.wake();
    }

    @Override
    public void failed(JetStreamException why) {
      failure = why;
      waiter.wake();
    }

    byte[] answer() throws IOException {
      try {
        var _ = waiter.await(Waiter.NEVER);
      } catch (InterruptedIOException e) {
        throw new InterruptedIOException(PendingRequest.DOING + " was interrupted");
      }
      byte[] bytes = answer;
      if (bytes != null) {
        return bytes;
      }
      JetStreamException why = Objects.requireNonNull(failure, "failure");
      // With the trace of who waited.
      why.setStackTrace(Thread.currentThread().getStackTrace());
      throw why;
    }
  }

  static void report(String who, Throwable thrown) {
    System.getLogger("rs.jetstream.quic")
        .log(System.Logger.Level.WARNING, who + " threw; further ones are only counted", thrown);
  }

  static void reportSlow(String who, long nanos, String advice) {
    System.getLogger("rs.jetstream.quic")
        .log(
            System.Logger.Level.WARNING,
            "{0} held the endpoint''s thread for {1} ms: {2}; further ones are not logged",
            who,
            nanos / 1_000_000,
            advice);
  }

  @Override
  public String toString() {
    return "Exchanges[" + connection + "]";
  }
}
