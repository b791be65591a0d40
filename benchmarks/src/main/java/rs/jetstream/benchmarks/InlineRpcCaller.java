package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Makes one call of a service after the other on the endpoint's thread, as GrpcTransport does. */
final class InlineRpcCaller {
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private final Latencies latencies;
  private final MemorySegment request;
  private final InlineEchoAsyncClient echo;
  private long start;

  private InlineRpcCaller(Latencies latencies, MemorySegment request, InlineEchoAsyncClient echo) {
    this.latencies = latencies;
    this.request = request;
    this.echo = echo;
  }

  /** Makes all calls, {@code atOnce} at a time. */
  static void run(
      Latencies latencies, int atOnce, MemorySegment request, InlineEchoAsyncClient echo)
      throws Exception {
    List<InlineRpcCaller> callers =
        IntStream.range(0, atOnce)
            .mapToObj(it -> new InlineRpcCaller(latencies, request, echo))
            .toList();
    callers.forEach(InlineRpcCaller::next);
    for (InlineRpcCaller caller : callers) {
      caller.done.get();
    }
  }

  private void next() {
    if (!latencies.next()) {
      done.complete(null);
      return;
    }
    start = System.nanoTime();
    var _ = echo.echo(request).whenComplete(this::answered);
  }

  private void answered(@Nullable MemorySegment answer, @Nullable Throwable failure) {
    if (failure != null) {
      done.completeExceptionally(failure);
    } else if (answer == null || answer.mismatch(request) >= 0) {
      done.completeExceptionally(new IOException("the answer differs from the call"));
    } else {
      latencies.record(start);
      next();
    }
  }
}
