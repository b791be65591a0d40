package rs.jetstream.rpc;

import org.jspecify.annotations.Nullable;

/**
 * Stands around the calls of a client, or around the handlers of a server.
 *
 * {@snippet :
 * Interceptor log = (call, next) -> {
 *   System.out.println(call.method().name());
 *   return next.proceed();
 * };
 * }
 *
 * <p>Interceptors run in the order in which they were added, on the thread that calls or handles. A
 * server's refuses a call by an {@link RpcException} of its own; it runs before the handler, and
 * after the arguments were read.
 */
@FunctionalInterface
public interface Interceptor {
  /** One call. */
  interface Call {
    /** The service. */
    ServiceDescriptor service();

    /** The method. */
    RpcMethod<?, ?> method();

    /** The arguments, as generated code holds them. */
    Object arguments();

    /** What the handler sees; null on the client. */
    @Nullable RpcContext context();
  }

  /** The rest: the next interceptor, or the call itself. */
  @FunctionalInterface
  interface Next {
    /**
     * Goes on, at most once.
     *
     * @return the result; of an asynchronous method, a {@link java.util.concurrent.CompletionStage}
     *     of it
     */
    @Nullable Object proceed() throws Exception;
  }

  /**
   * Takes part in one call.
   *
   * @return what {@code next} returned, or another value of that type
   */
  @Nullable Object intercept(Call call, Next next) throws Exception;
}
