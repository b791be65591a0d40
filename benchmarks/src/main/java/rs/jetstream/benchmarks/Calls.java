package rs.jetstream.benchmarks;

/** How this library's calls are made by a client, and answered by a server. */
enum Calls {
  /** By streams, on virtual threads. */
  STREAM,
  /** A client's by requests for which virtual threads wait; a server's as {@link #STREAM}. */
  REQUEST,
  /** By handlers on the endpoint's own thread. */
  INLINE
}
