package rs.jetstream.rpc;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hears of every call when it has ended, for metrics.
 *
 * <p>Called on whatever thread ended the call: it does not block, and what it throws is dropped.
 */
@FunctionalInterface
public interface RpcListener {
  /**
   * A call has ended.
   *
   * @param service the service
   * @param method the method
   * @param duration from its beginning on this side
   * @param failure why it failed, null when it did not
   */
  void ended(
      ServiceDescriptor service,
      RpcMethod<?, ?> method,
      Duration duration,
      @Nullable Throwable failure);
}
