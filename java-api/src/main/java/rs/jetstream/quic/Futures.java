package rs.jetstream.quic;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/**
 * A blocking call as a future: on a virtual thread, which also completes it, so that what depends
 * on it may use everything. Cancelling it interrupts the call.
 */
final class Futures<T> extends CompletableFuture<T> {
  private final Thread thread;

  private Futures(Callable<? extends T> call) {
    thread = Thread.ofVirtual().name("jetstream-call").unstarted(() -> run(call));
  }

  static <T> CompletableFuture<T> of(Callable<? extends T> call) {
    Futures<T> future = new Futures<>(call);
    future.thread.start();
    return future;
  }

  private void run(Callable<? extends T> call) {
    try {
      T made = call.call();
      // What comes when nobody wants it any more is given back.
      if (!complete(made) && made instanceof AutoCloseable unwanted) {
        unwanted.close();
      }
    } catch (Throwable e) {
      boolean ignored = completeExceptionally(e);
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    if (cancelled) {
      thread.interrupt();
    }
    return cancelled;
  }

  /** Copies are cancelled by themselves, and end no call. */
  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new CompletableFuture<>();
  }
}
