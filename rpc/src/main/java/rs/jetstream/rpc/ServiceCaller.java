package rs.jetstream.rpc;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.JetStreamLibrary;

/** Makes the calls of one service. */
final class ServiceCaller implements Caller {
  private final ClientSettings settings;
  private final ServiceDescriptor service;
  private final LanePool lanes;
  private final AtomicInteger waiting;
  private final CallOptions options;
  private final long timeoutNanos;

  ServiceCaller(
      ClientSettings settings,
      ServiceDescriptor service,
      LanePool lanes,
      AtomicInteger waiting,
      CallOptions options) {
    this.settings = settings;
    this.service = service;
    this.lanes = lanes;
    this.waiting = waiting;
    this.options = options;
    timeoutNanos = options.timeout().toNanos();
  }

  private record Call(ServiceDescriptor service, RpcMethod<?, ?> method, Object arguments)
      implements Interceptor.Call {
    @Override
    public @Nullable RpcContext context() {
      return null;
    }
  }

  // Blocking.

  @Override
  @SuppressWarnings("unchecked") // an interceptor that returns something else fails its call
  public <A, R> R call(RpcMethod<A, R> method, A arguments) throws IOException {
    refuseOnEndpointThread(method);
    RpcEvents.Begun begun = settings.events().begin();
    List<Interceptor> interceptors = settings.interceptors();
    if (begun == null && interceptors.isEmpty()) {
      return attempts(method, arguments, 1, System.nanoTime() + timeoutNanos);
    }
    Throwable failure = null;
    try {
      return interceptors.isEmpty()
          ? attempts(method, arguments, 1, System.nanoTime() + timeoutNanos)
          : (R)
              intercepted(
                  method,
                  arguments,
                  () -> attempts(method, arguments, 1, System.nanoTime() + timeoutNanos));
    } catch (Throwable e) {
      failure = e;
      throw e;
    } finally {
      if (begun != null) {
        settings.events().ended(begun, service, method, failure);
      }
    }
  }

  private Object intercepted(RpcMethod<?, ?> method, Object arguments, Interceptor.Next last)
      throws IOException {
    try {
      return Objects.requireNonNull(
          proceed(new Call(service, method, arguments), 0, last), "an interceptor's result");
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw RpcException.because("call " + method.name(), e, false);
    }
  }

  private @Nullable Object proceed(Call call, int index, Interceptor.Next last) throws Exception {
    return index == settings.interceptors().size()
        ? last.proceed()
        : settings.interceptors().get(index).intercept(call, () -> proceed(call, index + 1, last));
  }

  private <A, R> R attempts(RpcMethod<A, R> method, A arguments, int first, long deadline)
      throws IOException {
    for (int attempt = first; ; attempt++) {
      ClientLane lane = null;
      try {
        lane = options.lanePerCall() ? lanes.single(deadline) : lanes.get(deadline);
        return lane.call(method, arguments, deadline);
      } catch (RpcException e) {
        if (!mayTryAgain(e, method, lane != null, attempt)) {
          throw e;
        }
        if (System.nanoTime() - deadline >= 0) {
          throw e.isUnsent()
              ? RpcException.late(
                  "call " + method.name() + " failed: not sent before its deadline", e)
              : e;
        }
      } catch (InterruptedException e) {
        throw interrupted(method, e);
      } finally {
        if (lane != null && options.lanePerCall()) {
          lane.retire();
        }
      }
    }
  }

  /**
   * A call that was not sent may always be made again; one that may have run, if that is no harm.
   */
  private boolean mayTryAgain(
      RpcException e, RpcMethod<?, ?> method, boolean hadLane, int attempt) {
    if (attempt >= settings.maxAttempts()) {
      return false;
    }
    boolean transport =
        switch (e.kind()) {
          case CLOSED,
              APPLICATION_CLOSE,
              TRANSPORT_ERROR,
              STATELESS_RESET,
              IDLE_TIMEOUT,
              HANDSHAKE_TIMEOUT,
              NO_VALID_PATH,
              STREAM_RESET ->
              true;
          default -> false;
        };
    return transport && (method.idempotent() || (hadLane && e.isUnsent()));
  }

  // Asynchronous.

  @Override
  // An interceptor that returns something else fails its call; the future is returned in the end.
  @SuppressWarnings({"unchecked", "FutureReturnValueIgnored"})
  public <A, R> CompletableFuture<R> callAsync(RpcMethod<A, R> method, A arguments) {
    RpcEvents.Begun begun = settings.events().begin();
    CompletableFuture<R> result;
    if (settings.interceptors().isEmpty()) {
      result = begin(method, arguments);
    } else {
      try {
        Object stage = intercepted(method, arguments, () -> begin(method, arguments));
        result = ((CompletionStage<R>) stage).toCompletableFuture();
      } catch (IOException | RuntimeException e) {
        result = CompletableFuture.failedFuture(e);
      }
    }
    if (begun == null) {
      return result;
    }
    CompletableFuture<R> ignored =
        result.whenComplete((value, failure) ->
            settings
                .events()
                .ended(
                    begun,
                    service,
                    method,
                    failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure));
    return result;
  }

  private <A, R> CompletableFuture<R> begin(RpcMethod<A, R> method, A arguments) {
    long deadline = System.nanoTime() + timeoutNanos;
    CallFuture<R> future = new CallFuture<>(options.completesAtOnce());
    // A call that may be made again, or has to wait for a lane, is a blocking one of a thread of
    // its own.
    ClientLane lane = options.lanePerCall() || method.idempotent() ? null : lanes.ready();
    if (lane != null) {
      try {
        ClientCall<R> call = lane.tryCall(method, arguments, deadline, future);
        if (call != null) {
          future.onCancel(() -> {
            if (call.giveUp()) {
              lane.gaveUp();
            }
          });
          return future;
        }
      } catch (RpcException e) {
        if (!e.isUnsent() || e.kind() == Kind.NOT_ENCODABLE) {
          boolean ignored = future.completeExceptionally(e);
          return future;
        }
      }
    }
    if (waiting.incrementAndGet() > settings.maxWaitingCalls()) {
      waiting.decrementAndGet();
      boolean ignored =
          future.completeExceptionally(
              new RpcException(
                  "call "
                      + method.name()
                      + " failed: "
                      + settings.maxWaitingCalls()
                      + " calls of this client wait already",
                  Kind.LIMIT));
      return future;
    }
    Thread thread = Thread.ofVirtual().unstarted(() -> finish(method, arguments, deadline, future));
    thread.start();
    future.onCancel(thread::interrupt);
    return future;
  }

  private <A, R> void finish(
      RpcMethod<A, R> method, A arguments, long deadline, CallFuture<R> future) {
    try {
      if (!future.isDone()) {
        R result = attempts(method, arguments, 1, deadline);
        boolean ignored = future.complete(result);
      }
    } catch (IOException | RuntimeException e) {
      boolean ignored = future.completeExceptionally(e);
    } finally {
      waiting.decrementAndGet();
    }
  }

  // Subscriptions.

  @Override
  @SuppressWarnings("unchecked") // an interceptor that returns something else fails its call
  public <A, T, E> Subscription<T, E> subscribe(RpcMethod<A, T> method, A arguments)
      throws IOException {
    refuseOnEndpointThread(method);
    return settings.interceptors().isEmpty()
        ? begins(method, arguments)
        : (Subscription<T, E>)
            intercepted(method, arguments, () -> this.<A, T, E>begins(method, arguments));
  }

  private <A, T, E> Subscription<T, E> begins(RpcMethod<A, T> method, A arguments)
      throws IOException {
    long deadline = System.nanoTime() + timeoutNanos;
    try {
      return lanes.get(deadline).subscriptions().begin(method, arguments, deadline, timeoutNanos);
    } catch (InterruptedException e) {
      throw interrupted(method, e);
    }
  }

  @Override
  public <A, T> Flow.Publisher<T> publish(RpcMethod<A, T> method, A arguments) {
    return new ClientPublisher<>(() -> subscribe(method, arguments));
  }

  private static void refuseOnEndpointThread(RpcMethod<?, ?> method) {
    if (JetStreamLibrary.isEndpointThread()) {
      throw new IllegalStateException(
          "call "
              + method.name()
              + " would wait on the endpoint's own thread, whose work is what it waits for: in a"
              + " method that is @NonBlocking call asynchronously");
    }
  }

  private static InterruptedIOException interrupted(
      RpcMethod<?, ?> method, InterruptedException cause) {
    Thread.currentThread().interrupt();
    InterruptedIOException interrupted =
        new InterruptedIOException("call " + method.name() + " was interrupted");
    interrupted.initCause(cause);
    return interrupted;
  }
}
