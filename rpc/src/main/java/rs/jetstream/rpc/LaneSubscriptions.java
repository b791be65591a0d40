package rs.jetstream.rpc;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.wire.Frames;
import rs.jetstream.wire.MessageType;
import rs.jetstream.wire.Subscriptions;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireWriter;

/**
 * The subscriptions of one lane on the side that calls, and the cancels that end them early.
 *
 * <p>Their tags come after those of calls, and those of cancels after both, so that none of them
 * starves another.
 */
final class LaneSubscriptions {
  /** Subscriptions at once on a lane. */
  private static final int MAX = 256;

  private final ClientLane lane;
  private final LaneWriter writer;

  /** How long a cancel waits for a tag. */
  private final Duration patience;

  private final int maxCalls;
  private final Slots<ClientSubscription<?, ?>> subscriptions;

  /** With whose tag it is that is to end. */
  private final Slots<Integer> cancels;

  LaneSubscriptions(
      ClientLane lane,
      LaneWriter writer,
      Duration patience,
      ServiceDescriptor service,
      int maxCalls) {
    this.lane = lane;
    this.writer = writer;
    this.patience = patience;
    this.maxCalls = maxCalls;
    boolean subscribes = service.methods().stream().anyMatch(RpcMethod::isSubscription);
    int rest = subscribes ? Math.min(MAX, (ClientLane.NO_TAG - 1 - maxCalls) / 2) : 0;
    subscriptions = new Slots<>(rest);
    cancels = new Slots<>(rest);
  }

  /** Whether nothing is under way. */
  boolean areIdle() {
    return subscriptions.available() == subscriptions.max() && cancels.available() == cancels.max();
  }

  /** False when there is no subscription, or cancel of one, of that tag. */
  boolean receive(int tag, MemorySegment frame) throws IOException {
    int number = tag - maxCalls;
    ClientSubscription<?, ?> subscription = subscriptions.get(number);
    if (subscription != null) {
      if (subscription.receive(frame) && subscriptions.give(number)) {
        lane.endWhenIdle();
      }
      return true;
    }
    int cancel = number - subscriptions.max();
    Integer cancelled = cancels.get(cancel);
    if (cancelled == null) {
      return false;
    }
    if (Frames.type(frame) != MessageType.SUBSCRIPTION_CANCELLED
        || Frames.read(frame, Subscriptions.Cancelled.CODEC).tag() != cancelled) {
      throw RpcException.badMessage("the server has answered a cancel by something else", null);
    }
    if (cancels.give(cancel)) {
      lane.endWhenIdle();
    }
    return true;
  }

  /** Begins a subscription. */
  <A, T, E> Subscription<T, E> begin(
      RpcMethod<A, T> method, A arguments, long deadline, long waitNanos)
      throws RpcException, InterruptedException {
    boolean room = writer.awaitRoom(deadline);
    int number = room ? subscriptions.tryTake() : 0;
    if (number == 0) {
      throw new RpcException(
          "subscribe to " + method.name() + " failed: the lane has no room for another",
          Kind.LIMIT);
    }
    int tag = maxCalls + number;
    ClientSubscription<T, E> subscription = new ClientSubscription<>(method, this, tag, waitNanos);
    subscriptions.put(number, subscription);
    boolean sent = false;
    try {
      writer.write(lane.request(tag, method, arguments));
      sent = true;
    } finally {
      if (!sent) {
        boolean ignored = subscriptions.give(number);
      }
    }
    return subscription;
  }

  /** Asks the server to end the subscription of {@code tag}. Does not block. */
  void cancel(int tag) {
    int number = cancels.tryTake();
    if (number != 0) {
      cancel(tag, number);
      return;
    }
    Thread.startVirtualThread(() -> {
      try {
        int later = cancels.take(patience.toNanos());
        if (later == 0) {
          lane.fail(new RpcException("the server acknowledges no cancels", Kind.DEADLINE));
        } else {
          cancel(tag, later);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }

  private void cancel(int tag, int number) {
    cancels.put(number, tag);
    WireWriter frame = writer.take();
    try {
      Frames.write(
          frame,
          MessageType.SUBSCRIPTION_CANCEL,
          maxCalls + subscriptions.max() + number,
          Subscriptions.Cancel.CODEC,
          new Subscriptions.Cancel(tag, 0));
    } catch (WireFormatException e) {
      throw new IllegalStateException("a cancel cannot be written", e);
    }
    writer.write(frame);
  }

  /** The lane has failed: all fail now. */
  void fail(Throwable cause) {
    subscriptions.forEach((number, subscription) -> {
      if (subscriptions.give(number)) {
        subscription.fail(new ClientCall.Lost(cause, false));
      }
    });
  }
}
