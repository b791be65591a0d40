package rs.jetstream.rpc;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What generated clients need beside a {@link Caller}. */
public final class Stubs {
  private Stubs() {}

  /** What {@code call} completes with, converted; cancelling it cancels the call. */
  public static <A, B extends @Nullable Object> CompletableFuture<B> map(
      CompletableFuture<A> call, Function<? super A, ? extends B> conversion) {
    Mapped<B> mapped = new Mapped<>(call);
    var _ =
        call.whenComplete((result, failure) -> {
          if (failure != null) {
            mapped.completeExceptionally(failure);
            return;
          }
          try {
            mapped.complete(conversion.apply(result));
          } catch (RuntimeException e) {
            mapped.completeExceptionally(e);
          }
        });
    return mapped;
  }

  private static final class Mapped<B extends @Nullable Object> extends CompletableFuture<B> {
    private final CompletableFuture<?> call;

    Mapped(CompletableFuture<?> call) {
      this.call = call;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = super.cancel(mayInterruptIfRunning);
      call.cancel(mayInterruptIfRunning);
      return cancelled;
    }
  }
}
