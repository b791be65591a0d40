package rs.jetstream.benchmarks;

import java.io.IOException;

/**
 * What a client is told to do, as rust-baseline describes it; each checks what comes back.
 *
 * <p>One call at a time, from any thread. A transport does each in the way that its own documents
 * recommend: on its event loop where it has one, by blocking calls on virtual threads where not.
 */
interface Workloads extends AutoCloseable {
  /** Asks for {@code bytes} on {@code streams} streams at once, and drops them. */
  default void down(long bytes, int streams) throws Exception {
    throw new Unsupported("there is no bulk data here");
  }

  /**
   * Sends {@code bytes} on {@code streams} streams at once, and waits until the server has counted
   * them.
   */
  default void up(long bytes, int streams) throws Exception {
    throw new Unsupported("there is no bulk data here");
  }

  /** Makes calls of {@code size} bytes, {@code inFlight} at a time, each on its own stream. */
  default void calls(Latencies latencies, int inFlight, int size) throws Exception {
    throw new Unsupported("there are no calls by streams here");
  }

  /** Sends {@code size} bytes and waits for as many, again and again, all on one stream. */
  default void pingPong(Latencies latencies, int size) throws Exception {
    throw new Unsupported("there are no calls by streams here");
  }

  /** Makes unary calls that echo {@code size} bytes, {@code inFlight} at a time. */
  default void rpc(Latencies latencies, int inFlight, int size) throws Exception {
    throw new Unsupported("this transport has no RPC");
  }

  /** Connects and closes, {@code atOnce} at a time. */
  default void connections(Latencies latencies, int atOnce) throws Exception {
    throw new Unsupported("connections cannot be made one by one here");
  }

  /** Opens connections and keeps them, until there are {@code count}; 0 closes them all. */
  default void idle(int count) throws Exception {
    throw new Unsupported("connections cannot be made one by one here");
  }

  /** As {@link #calls}, over the connections that {@link #idle} opened, in turn. */
  default void spread(Latencies latencies, int inFlight) throws Exception {
    throw new Unsupported("connections cannot be made one by one here");
  }

  @Override
  void close() throws IOException;
}
