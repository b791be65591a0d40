package rs.jetstream.rpc;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import rs.jetstream.quic.Experimental;

/** Sends calls. What generated clients are made on; any thread. */
public interface Caller {
  /**
   * Calls and waits for the result.
   *
   * @throws RpcException when the peer answers with an error
   * @throws IOException when no answer comes
   */
  <A, R> R call(RpcMethod<A, R> method, A arguments) throws IOException;

  /** Calls, and completes with the result or with what {@link #call} throws. */
  <A, R> CompletableFuture<R> callAsync(RpcMethod<A, R> method, A arguments);

  /** Subscribes and gives the items one after the other. */
  @Experimental
  <A, T, E> Subscription<T, E> subscribe(RpcMethod<A, T> method, A arguments) throws IOException;

  /** A publisher that subscribes anew for each subscriber. */
  @Experimental
  <A, T> Flow.Publisher<T> publish(RpcMethod<A, T> method, A arguments);
}
