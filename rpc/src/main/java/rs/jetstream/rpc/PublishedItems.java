package rs.jetstream.rpc;

import java.io.IOException;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import rs.jetstream.wire.Unit;

/** What a handler publishes, one item after the other; no more are asked for than are taken. */
final class PublishedItems<T> implements Subscription<T, Unit>, Flow.Subscriber<T> {
  private static final int AHEAD = 32;
  private static final Object COMPLETE = new Object();

  private record Failed(Throwable failure) {}

  /** At most {@link #AHEAD} items and an end, if the publisher keeps to what was asked for. */
  private final BlockingQueue<Object> signals = new LinkedBlockingQueue<>();

  private volatile Flow.@Nullable Subscription upstream;
  private volatile boolean closed;
  private @Nullable Object head;

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    upstream = subscription;
    if (closed) {
      subscription.cancel();
    } else {
      subscription.request(AHEAD);
    }
  }

  @Override
  public void onNext(T item) {
    signals.add(item);
  }

  @Override
  public void onError(Throwable failure) {
    signals.add(new Failed(failure));
  }

  @Override
  public void onComplete() {
    signals.add(COMPLETE);
  }

  @Override
  public boolean hasNext() throws IOException {
    Object it = head;
    if (it == null) {
      try {
        head = it = signals.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    if (it instanceof Failed failed) {
      if (failed.failure instanceof IOException e) {
        throw e;
      }
      throw new IOException(failed.failure);
    }
    return it != COMPLETE;
  }

  @Override
  @SuppressWarnings("unchecked") // put there by onNext
  public T next() throws IOException {
    if (!hasNext()) {
      throw new NoSuchElementException("completed");
    }
    T item = (T) Objects.requireNonNull(head);
    head = null;
    Flow.Subscription it = upstream;
    if (it != null) {
      it.request(1);
    }
    return item;
  }

  @Override
  public Unit end() {
    return Unit.INSTANCE;
  }

  @Override
  public void close() {
    closed = true;
    Flow.Subscription it = upstream;
    if (it != null) {
      it.cancel();
    }
  }
}
