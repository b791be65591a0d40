package rs.jetstream.quic;

/**
 * Is told what happens on an endpoint: {@link QuicServer#listen}.
 *
 * <p>Called on one virtual thread per endpoint, in order, after the fact. It may use everything and
 * may block, but what comes meanwhile waits, and beyond 4,096 events is dropped and counted: {@link
 * EndpointStatistics#eventsDropped()}. An exception is logged, and the next event told.
 */
@FunctionalInterface
public interface EndpointListener {
  /** Something happened. */
  void onEvent(EndpointEvent event);
}
