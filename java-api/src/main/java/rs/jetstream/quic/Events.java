package rs.jetstream.quic;

import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeControl;
import rs.jetstream.ffi.NativeFailure;
import rs.jetstream.ffi.NativeStatus;
import rs.jetstream.quic.JetStreamException.Kind;

/** Takes an endpoint's events and tells them to its listeners; nothing runs while there is none. */
final class Events {
  private static final System.Logger LOGGER = System.getLogger("rs.jetstream.quic");
  private static final int ALL = (1 << (NativeControl.EVENT_LOSS_BURST + 1)) - 1;
  private static final int QLOG_FAILED = 1 << NativeControl.EVENT_QLOG_FAILED;

  /** In the order of the causes in the native half. */
  private static final List<String> LIMITS =
      List.of(
          "connections",
          "connectionsPerSource",
          "handshakes",
          "unaccepted",
          "rate",
          "ratePerSource",
          "nativeBytes",
          "address",
          "token",
          "draining");

  private final QuicEndpoint endpoint;
  private final Waiter waiter;
  private final List<EndpointListener> listeners = new CopyOnWriteArrayList<>();
  private final AtomicBoolean running = new AtomicBoolean();
  private final @Nullable Path qlog;

  Events(QuicEndpoint endpoint, Waiter waiter, @Nullable Path qlog) {
    this.endpoint = endpoint;
    this.waiter = waiter;
    this.qlog = qlog;
  }

  /** What is told whoever listens. */
  void start() {
    if (qlog != null) {
      want(0);
      run();
    }
  }

  void add(EndpointListener listener) {
    listeners.add(listener);
    want(ALL);
    run();
  }

  void remove(EndpointListener listener) {
    listeners.remove(listener);
    if (listeners.isEmpty()) {
      want(0);
    }
  }

  /** Whether nobody is told anything. */
  boolean isIdle() {
    return listeners.isEmpty();
  }

  private void run() {
    if (running.compareAndSet(false, true)) {
      Thread ignored =
          Thread.ofVirtual().name("jetstream-events-" + endpoint.handle()).start(this::take);
    }
  }

  private void want(int kinds) {
    Block block = Block.take();
    try {
      // Fails only when the endpoint is closed, which has no events.
      int all = qlog == null ? kinds : kinds | QLOG_FAILED;
      int ignored = NativeControl.wantEvents(endpoint.handle(), all, block);
    } finally {
      block.give();
    }
  }

  private void take() {
    Block block = Block.take();
    try {
      NativeControl.Event[] out = new NativeControl.Event[1];
      boolean goesOn = true;
      while (goesOn) {
        try {
          goesOn = turn(out, block);
        } catch (OutOfMemoryError full) {
          // An event is lost; without this thread all that follow would be.
        }
      }
    } catch (InterruptedIOException e) {
      Thread.currentThread().interrupt();
    } finally {
      block.give();
    }
  }

  private boolean turn(NativeControl.Event[] out, Block block) throws InterruptedIOException {
    waiter.arm();
    int status = NativeControl.pollEvent(endpoint.handle(), out, block);
    if (status == NativeStatus.OK) {
      if (out[0].kind() == NativeControl.EVENT_QLOG_FAILED) {
        LOGGER.log(System.Logger.Level.WARNING, qlogFailed(out[0]));
      } else {
        tell(event(out[0]));
      }
      return true;
    }
    if (status != NativeStatus.PENDING) {
      return false;
    }
    boolean ignored = waiter.await(Waiter.NEVER);
    return true;
  }

  private String qlogFailed(NativeControl.Event it) {
    return "qlog of some connections is not written to "
        + qlog
        + " (errno "
        + it.code()
        + "); that this happens again is not logged";
  }

  private void tell(EndpointEvent event) {
    for (EndpointListener listener : listeners) {
      try {
        listener.onEvent(event);
      } catch (OutOfMemoryError full) {
        throw full;
      } catch (RuntimeException | Error e) {
        // Without this thread nobody would be told anything any more.
        LOGGER.log(System.Logger.Level.WARNING, "a listener failed on " + event, e);
      }
    }
  }

  private static EndpointEvent event(NativeControl.Event it) {
    Duration elapsed = Duration.ofNanos(it.elapsedNanos());
    return switch (it.kind()) {
      case NativeControl.EVENT_OPENED ->
          new EndpointEvent.Opened(it.connection(), it.peer(), elapsed);
      case NativeControl.EVENT_CLOSED ->
          new EndpointEvent.Closed(it.connection(), it.peer(), reason(it), elapsed);
      case NativeControl.EVENT_HANDSHAKE_FAILED ->
          new EndpointEvent.HandshakeFailed(it.peer(), reason(it), cause(it), elapsed);
      case NativeControl.EVENT_REFUSED ->
          new EndpointEvent.Refused(it.peer(), LIMITS.get((int) it.value()));
      case NativeControl.EVENT_PATH_CHANGED ->
          new EndpointEvent.PathChanged(it.connection(), it.peer());
      default -> new EndpointEvent.LossBurst(it.connection(), it.peer(), it.value());
    };
  }

  private static Optional<RefusedHandshake.Cause> cause(NativeControl.Event it) {
    return reason(it).kind() == Kind.PEER_NOT_TRUSTED
        ? Optional.of(RefusedHandshake.Cause.of(it.value()))
        : Optional.empty();
  }

  private static JetStreamException reason(NativeControl.Event it) {
    return Failures.of(
        "connection",
        new NativeFailure(it.status(), it.initiator(), it.code(), "code " + it.code()));
  }
}
