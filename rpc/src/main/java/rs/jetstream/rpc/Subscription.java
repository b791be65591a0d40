package rs.jetstream.rpc;

import java.io.IOException;
import rs.jetstream.quic.Experimental;

/**
 * Items that come one after the other, and the value that ends them. Draft of the protocol.
 *
 * <p>One thread, but {@link #close} may come from any.
 *
 * @param <T> the items
 * @param <E> the end, {@link rs.jetstream.wire.Unit} when there is nothing to say
 */
@Experimental
public interface Subscription<T, E> extends AutoCloseable {
  /** Whether there is another item; waits for it or for the end. */
  boolean hasNext() throws IOException;

  /**
   * The next item; waits for it.
   *
   * @throws java.util.NoSuchElementException after the end
   */
  T next() throws IOException;

  /**
   * The value that ended it, once {@link #hasNext} was false.
   *
   * @throws IllegalStateException before the end, or when it was cut short
   */
  E end() throws IOException;

  /** Stops it; the producer hears of it. Idempotent. */
  @Override
  void close();
}
