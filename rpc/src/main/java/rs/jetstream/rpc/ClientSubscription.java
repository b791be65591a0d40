package rs.jetstream.rpc;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.NoSuchElementException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.Frames;
import rs.jetstream.wire.MessageType;

/** A subscription on the side that reads it. The lane's thread puts items in, one other takes. */
final class ClientSubscription<T, E> implements Subscription<T, E> {
  /** Items that wait for their reader; one that falls further behind is ended. */
  static final int BUFFER = 64;

  private final RpcMethod<?, T> method;
  private final SubscriptionEnd endCodec;
  private final LaneSubscriptions lane;
  private final int tag;
  private final long waitNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<T> items = new ArrayDeque<>();
  private boolean ended;
  private boolean closed;
  private boolean cancelSent;
  private @Nullable Object end;
  private ClientCall.@Nullable Failure failure;

  ClientSubscription(RpcMethod<?, T> method, LaneSubscriptions lane, int tag, long waitNanos) {
    this.method = method;
    this.lane = lane;
    this.tag = tag;
    this.waitNanos = waitNanos;
    endCodec = new SubscriptionEnd(method);
  }

  /** A frame under its tag has come; true when it was the last one. */
  boolean receive(MemorySegment frame) throws IOException {
    int type = Frames.type(frame);
    if (type == MessageType.SUBSCRIPTION_END) {
      Object value = Frames.read(frame, endCodec);
      update(() -> {
        ended = true;
        end = value;
      });
      return true;
    }
    if (type == MessageType.ERROR) {
      fail(new ClientCall.Remote(Frames.read(frame, ErrorMessage.CODEC)));
      return false;
    }
    if (type != method.responseId()) {
      throw RpcException.badMessage("the server has answered another method", null);
    }
    add(Frames.read(frame, method.result()));
    return false;
  }

  private void add(T item) {
    boolean full = false;
    lock.lock();
    try {
      if (!closed && failure == null) {
        full = items.size() == BUFFER;
        if (!full) {
          items.add(item);
          changed.signalAll();
        }
      }
    } finally {
      lock.unlock();
    }
    if (full) {
      fail(
          new ClientCall.Lost(
              new RpcException("the subscriber has fallen behind", Kind.LIMIT), false));
      cancel();
    }
  }

  private void update(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** There are no more items than those that have come. */
  void fail(ClientCall.Failure why) {
    update(() -> {
      if (failure == null && !ended) {
        failure = why;
      }
    });
  }

  @Override
  public boolean hasNext() throws IOException {
    long left = waitNanos;
    lock.lock();
    try {
      while (true) {
        if (closed) {
          throw new IllegalStateException("the subscription is closed");
        }
        if (!items.isEmpty()) {
          return true;
        }
        ClientCall.Failure why = failure;
        if (why != null) {
          throw why.toException(method.name());
        }
        if (ended) {
          return false;
        }
        if (left <= 0) {
          throw new RpcException(
              "an item of " + method.name() + " did not come in time", Kind.DEADLINE);
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("waiting for " + method.name() + " was interrupted");
      interrupted.initCause(e);
      throw interrupted;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public T next() throws IOException {
    if (!hasNext()) {
      throw new NoSuchElementException(method.name() + " has ended");
    }
    lock.lock();
    try {
      return items.remove();
    } finally {
      lock.unlock();
    }
  }

  @Override
  @SuppressWarnings("unchecked") // what the method's own codec has read
  public E end() {
    lock.lock();
    try {
      if (!ended || end == null) {
        throw new IllegalStateException(
            method.name() + (ended ? " was cut short" : " has not ended"));
      }
      return (E) end;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    update(() -> {
      closed = true;
      items.clear();
    });
    cancel();
  }

  /** Asks the server to end it, once; its tag stays taken until then. */
  private void cancel() {
    lock.lock();
    try {
      if (cancelSent || ended) {
        return;
      }
      cancelSent = true;
    } finally {
      lock.unlock();
    }
    lane.cancel(tag);
  }
}
