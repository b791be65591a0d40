package rs.jetstream.rpc;

import java.io.IOException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;

/** Subscribes anew for each subscriber, and calls it on a virtual thread of its own. */
final class ClientPublisher<T> implements Flow.Publisher<T> {
  /** Begins one subscription. */
  interface Source<T> {
    Subscription<T, ?> subscribe() throws IOException;
  }

  private final Source<T> source;

  ClientPublisher(Source<T> source) {
    this.source = source;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    Delivery<T> delivery = new Delivery<>(source, subscriber);
    Thread thread = Thread.ofVirtual().unstarted(delivery);
    delivery.thread = thread;
    subscriber.onSubscribe(delivery);
    thread.start();
  }

  private static final class Delivery<T> implements Flow.Subscription, Runnable {
    private final Source<T> source;
    private final Flow.Subscriber<? super T> subscriber;
    private final AtomicLong demand = new AtomicLong();
    private volatile @Nullable Thread thread;
    private volatile boolean cancelled;
    private volatile boolean wrongRequest;

    Delivery(Source<T> source, Flow.Subscriber<? super T> subscriber) {
      this.source = source;
      this.subscriber = subscriber;
    }

    @Override
    public void run() {
      if (cancelled) {
        return;
      }
      try (Subscription<T, ?> items = source.subscribe()) {
        while (awaitItem(items) && awaitDemand()) {
          demand.decrementAndGet();
          subscriber.onNext(items.next());
        }
        if (wrongRequest) {
          throw new IllegalArgumentException("a subscriber must request at least one item");
        }
        if (!cancelled) {
          subscriber.onComplete();
        }
      } catch (IOException | RuntimeException e) {
        if (!cancelled) {
          subscriber.onError(e);
        }
      }
    }

    private boolean awaitItem(Subscription<T, ?> items) throws IOException {
      while (true) {
        try {
          return items.hasNext();
        } catch (RpcException e) {
          if (e.kind() != Kind.DEADLINE || cancelled) {
            throw e; // quiet is no failure here
          }
        }
      }
    }

    private boolean awaitDemand() {
      while (demand.get() == 0 && !cancelled && !wrongRequest) {
        LockSupport.park(this);
      }
      return !cancelled && !wrongRequest;
    }

    @Override
    public void request(long count) {
      if (count <= 0) {
        wrongRequest = true;
      } else {
        demand.updateAndGet(it -> it > Long.MAX_VALUE - count ? Long.MAX_VALUE : it + count);
      }
      LockSupport.unpark(thread);
    }

    @Override
    public void cancel() {
      cancelled = true;
      Thread it = thread;
      if (it != null) {
        it.interrupt(); // also out of the wait for the next item
      }
    }
  }
}
