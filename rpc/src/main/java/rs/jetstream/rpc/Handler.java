package rs.jetstream.rpc;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * What runs when a method is called, with the arguments that were read.
 *
 * @param <A> the arguments
 * @param <R> the result; of a subscription, the items
 */
public sealed interface Handler<A, R> {
  /** Returns the result, and may block. */
  @FunctionalInterface
  non-sealed interface Blocking<A, R> extends Handler<A, R> {
    /** Handles one call; whatever it throws becomes an error of that call. */
    R handle(RpcContext context, A arguments) throws Exception;
  }

  /** Returns the result, and does not block: see {@link rs.jetstream.rpc.NonBlocking}. */
  @FunctionalInterface
  non-sealed interface NonBlocking<A, R> extends Handler<A, R> {
    /** Handles one call; whatever it throws becomes an error of that call. */
    R handle(RpcContext context, A arguments) throws Exception;
  }

  /** Returns at once, and the result later. */
  @FunctionalInterface
  non-sealed interface Async<A, R> extends Handler<A, R> {
    /** Handles one call. */
    CompletionStage<R> handle(RpcContext context, A arguments) throws Exception;
  }

  /** Returns what publishes the items. */
  @FunctionalInterface
  non-sealed interface Publishing<A, R> extends Handler<A, R> {
    /** Handles one subscription. */
    Flow.Publisher<R> handle(RpcContext context, A arguments) throws Exception;
  }

  /** Returns the items one after the other, and may block. */
  @FunctionalInterface
  non-sealed interface Streaming<A, R> extends Handler<A, R> {
    /** Handles one subscription. */
    Subscription<R, ?> handle(RpcContext context, A arguments) throws Exception;
  }
}
