package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import rs.jetstream.quic.AnswerHandler;
import rs.jetstream.quic.Exchanges;
import rs.jetstream.quic.JetStreamException;

/** Makes one call after the other on the endpoint's thread: each answer begins the next. */
final class InlineCaller implements AnswerHandler {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Latencies latencies;
  private final Exchanges exchanges;
  private final MemorySegment request;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private int index;
  private long start;

  private InlineCaller(Latencies latencies, Exchanges exchanges) {
    this.latencies = latencies;
    this.exchanges = exchanges;
    request = Buffers.take().asSlice(0, Protocol.CALL_SIZE);
    request.copyFrom(MemorySegment.ofArray(Protocol.call()));
  }

  /** Makes all calls, {@code atOnce} at a time. */
  static void run(Latencies latencies, int atOnce, Exchanges exchanges) throws Exception {
    List<InlineCaller> callers = new ArrayList<>();
    for (int i = 0; i < atOnce; i++) {
      InlineCaller caller = new InlineCaller(latencies, exchanges);
      callers.add(caller);
      caller.next();
    }
    for (InlineCaller caller : callers) {
      caller.done.get();
    }
  }

  private void next() {
    index = latencies.next();
    if (index < 0) {
      done.complete(null);
      return;
    }
    start = System.nanoTime();
    try {
      exchanges.request(request, PATIENCE, this);
    } catch (IOException | RuntimeException e) {
      done.completeExceptionally(e);
    }
  }

  @Override
  public void answered(MemorySegment answer) {
    latencies.record(index, start);
    if (answer.mismatch(request) >= 0) {
      done.completeExceptionally(new IOException("the answer differs from the call"));
      return;
    }
    next();
  }

  @Override
  public void failed(JetStreamException why) {
    done.completeExceptionally(why);
  }
}
