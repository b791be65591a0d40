package rs.jetstream.quic;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a connection (RFC 9000 section 2): ordered bytes, in one direction or both.
 *
 * <h2>Lifecycle</h2>
 *
 * A stream is open until it is closed, whatever became of its directions. {@link #close()} of a
 * stream whose sending direction was not finished resets it, and stops a receiving direction that
 * has not ended: half a message never looks whole to the peer. What is dropped unclosed is not
 * collected: it goes with its connection.
 *
 * <h2>Threads</h2>
 *
 * One thread at a time per direction sends and receives, else {@link IllegalStateException}; any
 * thread finishes, resets, stops and closes. Calls block, virtual threads without holding a
 * carrier.
 */
public sealed interface QuicStream extends AutoCloseable permits SendStream, ReceiveStream {
  /** The stream's id on the wire (RFC 9000 section 2.1), below 2^62. */
  long id();

  /** The connection that it belongs to. */
  QuicConnection connection();

  /** Whether this side opened it. */
  default boolean isLocal() {
    return (id() & 1) == (connection().isClient() ? 0 : 1);
  }

  /** Whether it was closed on this side. */
  boolean isClosed();

  /** How long a call on this stream may wait; null, the default, is for ever. */
  @Nullable Duration timeout();

  /**
   * Sets how long each later call on this stream may wait. A call that waits longer fails with kind
   * DEADLINE. A receive has lost nothing then and can be tried again; of a send an unknown part was
   * taken: reset the stream.
   *
   * @param timeout null is for ever, zero is not at all
   */
  void timeout(@Nullable Duration timeout);

  /**
   * Closes the stream, as told above. Idempotent; never blocks, never fails. Calls under way end.
   */
  @Override
  void close();
}
