package rs.jetstream.rpc;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What an asynchronous call returns: cancelling it gives the call up. */
final class CallFuture<R> extends CompletableFuture<R> {
  private final boolean completesAtOnce;
  private volatile @Nullable Runnable giveUp;

  CallFuture(boolean completesAtOnce) {
    this.completesAtOnce = completesAtOnce;
  }

  /** Whether the endpoint's own thread may complete it. */
  boolean completesAtOnce() {
    return completesAtOnce;
  }

  /** Says what cancelling does; at once when it was cancelled before. */
  void onCancel(Runnable action) {
    giveUp = action;
    if (isCancelled()) {
      action.run();
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    Runnable action = giveUp;
    if (cancelled && action != null) {
      action.run();
    }
    return cancelled;
  }

  /** What is derived from it has nothing of its own to give up. */
  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new CompletableFuture<>();
  }
}
