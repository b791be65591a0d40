package rs.jetstream.rpc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.wire.ErrorMessage;

/**
 * One call on the side that calls. It ends once: by its response, with its lane, or given up by who
 * made it; in that case the tag stays taken until the response comes.
 */
final class ClientCall<R> {
  /** Why there is no result; made an exception by the thread that waits. */
  sealed interface Failure {
    RpcException toException(String doing);
  }

  /** The peer has answered with an error. */
  record Remote(ErrorMessage error) implements Failure {
    @Override
    public RpcException toException(String doing) {
      return RpcException.remote(doing, error);
    }
  }

  /** There is no answer. */
  record Lost(Throwable cause, boolean unsent) implements Failure {
    @Override
    public RpcException toException(String doing) {
      return RpcException.because("call " + doing, cause, unsent);
    }
  }

  /** The frame of the result, which whoever waits reads. */
  @SuppressWarnings("ArrayRecordComponent") // of nobody else
  record Unread(byte[] frame) {}

  private static final Object GIVEN_UP = new Object();
  private static final VarHandle OUTCOME;

  static {
    try {
      OUTCOME = MethodHandles.lookup().findVarHandle(ClientCall.class, "outcome", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final RpcMethod<?, R> method;
  private final long deadline;

  /** Who waits; null when a future does. */
  private final @Nullable Thread waiter;

  private final @Nullable CallFuture<R> future;

  @SuppressWarnings("unused") // by OUTCOME
  private volatile @Nullable Object outcome;

  /** A call that the calling thread waits for. */
  ClientCall(RpcMethod<?, R> method, long deadline) {
    this(method, deadline, Thread.currentThread(), null);
  }

  /** A call that completes {@code future}. */
  ClientCall(RpcMethod<?, R> method, long deadline, CallFuture<R> future) {
    this(method, deadline, null, future);
  }

  private ClientCall(
      RpcMethod<?, R> method,
      long deadline,
      @Nullable Thread waiter,
      @Nullable CallFuture<R> future) {
    this.method = method;
    this.deadline = deadline;
    this.waiter = waiter;
    this.future = future;
  }

  RpcMethod<?, R> method() {
    return method;
  }

  long deadline() {
    return deadline;
  }

  boolean isGivenUp() {
    return outcome == GIVEN_UP;
  }

  /** Whether a thread waits, which can read the result itself. */
  boolean isAwaited() {
    return waiter != null && outcome == null;
  }

  /** Whether its future may be completed on the endpoint's own thread. */
  boolean completesAtOnce() {
    return future != null && future.completesAtOnce() && outcome == null;
  }

  /** Ends the call with a result, {@link Unread} or a {@link Failure}, unless it has ended. */
  boolean finish(Object result) {
    return finish(result, false);
  }

  /** As {@link #finish(Object)}; a future that is completed {@code here} takes this thread. */
  boolean finish(Object result, boolean here) {
    if (!OUTCOME.compareAndSet(this, null, result)) {
      return false;
    }
    if (waiter != null) {
      LockSupport.unpark(waiter);
    } else if (here) {
      completeFuture();
    } else {
      // What depends on the future may take its time: it is not the lane's.
      Thread.startVirtualThread(this::completeFuture);
    }
    return true;
  }

  @SuppressWarnings("unchecked") // what the method's own codec has read
  private void completeFuture() {
    CompletableFuture<R> it = future;
    Object result = outcome;
    if (it != null && result != null) {
      if (result instanceof Failure failure) {
        it.completeExceptionally(failure.toException(method.name()));
      } else {
        it.complete((R) result);
      }
    }
  }

  /** Nobody waits any more; false when the call has ended. */
  boolean giveUp() {
    return OUTCOME.compareAndSet(this, null, GIVEN_UP);
  }

  /** The deadline has passed: who waits looks at the clock, a future is told. */
  boolean expire() {
    if (waiter != null) {
      LockSupport.unpark(waiter);
      return false;
    }
    CompletableFuture<R> it = future;
    if (it == null || !giveUp()) {
      return false;
    }
    Thread.startVirtualThread(() -> it.completeExceptionally(late()));
    return true;
  }

  private RpcException late() {
    return new RpcException(
        "call " + method.name() + " failed: no answer before its deadline", Kind.DEADLINE);
  }

  /**
   * Waits for the end: what {@link #finish} was told.
   *
   * @param onGivenUp run when it was given up here
   */
  Object await(Runnable onGivenUp) throws RpcException, InterruptedException {
    while (outcome == null) {
      boolean interrupted = Thread.interrupted();
      if (interrupted || System.nanoTime() - deadline >= 0) {
        if (giveUp()) {
          onGivenUp.run();
          if (interrupted) {
            throw new InterruptedException();
          }
          throw late();
        }
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        break;
      }
      LockSupport.park(this);
    }
    return Objects.requireNonNull(outcome);
  }

  /** The result that {@code outcome} is. */
  @SuppressWarnings("unchecked") // what the method's own codec has read
  R result(Object outcome) throws RpcException {
    if (outcome instanceof Failure failure) {
      throw failure.toException(method.name());
    }
    return (R) outcome;
  }
}
