package rs.jetstream.rpc;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells flight recorder and listeners of calls that have ended. */
final class RpcEvents {
  private final List<RpcListener> listeners;
  private final boolean client;

  RpcEvents(List<RpcListener> listeners, boolean client) {
    this.listeners = List.copyOf(listeners);
    this.client = client;
  }

  /** The same listeners, told of calls that this side makes. */
  RpcEvents ofCaller() {
    return new RpcEvents(listeners, true);
  }

  /** A call begins: null when nobody wants to know. For {@link #ended}. */
  @Nullable Begun begin() {
    CallEvent event = new CallEvent(); // costs nothing while no recording runs: it does not escape
    if (event.isEnabled()) {
      event.begin();
      return new Begun(System.nanoTime(), event);
    }
    return listeners.isEmpty() ? null : new Begun(System.nanoTime(), null);
  }

  /** When a call began. */
  record Begun(long start, @Nullable CallEvent event) {}

  /** A call has ended. */
  void ended(
      Begun begun, ServiceDescriptor service, RpcMethod<?, ?> method, @Nullable Throwable failure) {
    CallEvent event = begun.event;
    if (event != null) {
      event.end();
      if (event.shouldCommit()) {
        event.service = service.name();
        event.method = method.name();
        event.client = client;
        event.failure = failure == null ? null : failure.getClass().getName();
        event.commit();
      }
    }
    Duration duration = Duration.ofNanos(System.nanoTime() - begun.start);
    for (RpcListener listener : listeners) {
      try {
        listener.ended(service, method, duration, failure);
      } catch (RuntimeException | Error e) {
        System.getLogger("rs.jetstream.rpc")
            .log(System.Logger.Level.WARNING, "a listener of calls failed", e);
      }
    }
  }
}
