package rs.jetstream.rpc;

import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.MessageType;

/** The many answers of one call: one item after the other, then the end, or a client's cancel. */
final class ServerSubscription<R> {
  /** Nobody has asked for the end. */
  private static final int NOT_CANCELLED = -1;

  /** The end was sent: whoever asks for it now is answered at once. */
  private static final int END_SENT = -2;

  private final ServerCall<?, R> call;
  private final RpcMethod<?, R> method;

  /** What the items come from. */
  private volatile @Nullable Subscription<?, ?> items;

  /** The tag of the request to end it, or one of the two above. */
  private final AtomicInteger cancelTag = new AtomicInteger(NOT_CANCELLED);

  ServerSubscription(ServerCall<?, R> call, RpcMethod<?, R> method) {
    this.call = call;
    this.method = method;
  }

  /** Sends what the handler has returned. */
  @SuppressWarnings("unchecked") // an interceptor that returns something else fails its call
  void send(@Nullable Object result) throws Exception {
    Subscription<R, ?> source;
    if (result instanceof Flow.Publisher<?> publisher) {
      PublishedItems<R> published = new PublishedItems<>();
      ((Flow.Publisher<R>) publisher).subscribe(published);
      source = published;
    } else {
      source = (Subscription<R, ?>) Objects.requireNonNull(result, "no items");
    }
    try (source) {
      items = source;
      while (!call.isCancelled() && source.hasNext()) {
        Throwable failure = call.send(method.responseId(), method.result(), source.next(), false);
        if (failure != null) {
          throw new IllegalStateException("an item cannot be sent", failure);
        }
      }
      end(call.isCancelled() ? null : source.end());
    } catch (Exception e) {
      if (cancelTag.get() < 0) {
        throw e;
      }
      end(null); // the interrupt that the cancel came with
    }
  }

  private void end(@Nullable Object end) {
    if (call.claim()) {
      sendEnd(end);
      call.ended(null);
    }
  }

  /** Sends the end, once the call is claimed. */
  void sendEnd(@Nullable Object end) {
    SubscriptionEnd codec = new SubscriptionEnd(method);
    if (call.send(MessageType.SUBSCRIPTION_END, codec, end, true) != null) {
      call.send(MessageType.ERROR, ErrorMessage.CODEC, Errors.RESULT, false);
      call.send(MessageType.SUBSCRIPTION_END, codec, null, true);
    }
    int tagOfCancel = cancelTag.getAndSet(END_SENT);
    if (tagOfCancel >= 0) {
      call.acknowledge(tagOfCancel);
    }
  }

  /** Keeps the cancel, to be acknowledged after the end; false when that was sent already. */
  boolean cancel(int tagOfCancel) {
    return cancelTag.compareAndSet(NOT_CANCELLED, tagOfCancel);
  }

  /** Ends a wait for the next item. */
  void closeSource() {
    Subscription<?, ?> source = items;
    if (source != null) {
      source.close();
    }
  }
}
