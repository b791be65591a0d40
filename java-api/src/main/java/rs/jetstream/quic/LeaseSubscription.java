package rs.jetstream.quic;

import java.io.IOException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** One subscriber of a stream's leases, served by a virtual thread of its own. */
final class LeaseSubscription implements Flow.Subscription {
  private final ReceiveStream stream;
  private final Flow.Subscriber<? super Lease> subscriber;
  private final AtomicLong demand = new AtomicLong();
  private final Thread thread;
  private volatile boolean cancelled;
  private volatile boolean illegal;

  LeaseSubscription(ReceiveStream stream, Flow.Subscriber<? super Lease> subscriber) {
    this.stream = stream;
    this.subscriber = subscriber;
    thread = Thread.ofVirtual().name("jetstream-subscription").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void refuse(IllegalStateException why) {
    subscriber.onSubscribe(this);
    subscriber.onError(why);
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      illegal = true;
    } else {
      long ignored =
          demand.getAndUpdate(now -> now > Long.MAX_VALUE - n ? Long.MAX_VALUE : now + n);
    }
    LockSupport.unpark(thread);
  }

  @Override
  public void cancel() {
    cancelled = true;
    thread.interrupt();
  }

  private void run() {
    try {
      subscriber.onSubscribe(this);
      while (!cancelled) {
        if (illegal) {
          subscriber.onError(new IllegalArgumentException("request must be positive"));
          stop();
          return;
        }
        if (demand.get() == 0) {
          LockSupport.park(this);
          continue;
        }
        try (Lease lease = stream.lend()) {
          boolean last = lease.isLast();
          if (lease.byteSize() > 0) {
            long ignored = demand.getAndUpdate(now -> now == Long.MAX_VALUE ? now : now - 1);
            subscriber.onNext(lease);
          }
          if (last) {
            if (!cancelled) {
              subscriber.onComplete();
            }
            return;
          }
        }
      }
      stop();
    } catch (IOException | RuntimeException e) {
      if (cancelled) {
        stop();
      } else {
        subscriber.onError(e);
      }
    }
  }

  private void stop() {
    try {
      stream.stopSending(0);
    } catch (IOException | IllegalStateException e) {
      // It has ended, or was closed, which stops it as well.
    }
  }
}
