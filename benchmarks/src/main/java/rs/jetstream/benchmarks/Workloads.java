package rs.jetstream.benchmarks;

import java.io.IOException;

/**
 * What a client is told to do, as rust-baseline describes it; each checks what comes back.
 *
 * <p>One call at a time, from any thread. A transport does each in the way that its own documents
 * recommend: on its event loop where it has one, by blocking calls on virtual threads where not.
 */
interface Workloads extends AutoCloseable {
  /** Asks for {@code bytes} on one stream and drops them. */
  void down(long bytes) throws Exception;

  /** Sends {@code bytes} on one stream, and waits until the server has counted them. */
  void up(long bytes) throws Exception;

  /** Makes calls of 32 bytes, {@code inFlight} at a time, each on a stream of its own. */
  void calls(Latencies latencies, int inFlight) throws Exception;

  /** Connects and closes, {@code atOnce} at a time. */
  void connections(Latencies latencies, int atOnce) throws Exception;

  @Override
  void close() throws IOException;
}
