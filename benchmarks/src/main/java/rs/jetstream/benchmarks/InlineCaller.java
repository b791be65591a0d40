package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import rs.jetstream.quic.AnswerHandler;
import rs.jetstream.quic.Exchanges;
import rs.jetstream.quic.JetStreamException;

/** Makes one call after the other on the endpoint's thread: each answer begins the next. */
final class InlineCaller implements AnswerHandler {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Latencies latencies;
  private final Supplier<Exchanges> exchanges;
  private final MemorySegment request;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private long start;

  private InlineCaller(Latencies latencies, MemorySegment request, Supplier<Exchanges> exchanges) {
    this.latencies = latencies;
    this.exchanges = exchanges;
    this.request = request;
  }

  /** Makes all calls, {@code atOnce} at a time, each where {@code exchanges} says. */
  static void run(
      Latencies latencies, int atOnce, MemorySegment request, Supplier<Exchanges> exchanges)
      throws Exception {
    List<InlineCaller> callers = new ArrayList<>();
    for (int i = 0; i < atOnce; i++) {
      InlineCaller caller = new InlineCaller(latencies, request, exchanges);
      callers.add(caller);
      caller.next();
    }
    for (InlineCaller caller : callers) {
      caller.done.get();
    }
  }

  private void next() {
    if (!latencies.next()) {
      done.complete(null);
      return;
    }
    start = System.nanoTime();
    try {
      exchanges.get().request(request, PATIENCE, this);
    } catch (IOException | RuntimeException e) {
      done.completeExceptionally(e);
    }
  }

  @Override
  public void answered(MemorySegment answer) {
    latencies.record(start);
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
