package rs.jetstream.quic;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeConnection;
import rs.jetstream.ffi.NativeStatus;
import rs.jetstream.quic.JetStreamException.Kind;

/** Why a connection ended, and who waits to be told; the first reason stays. */
final class ConnectionEnd {
  private final QuicConnection connection;
  private final AtomicReference<@Nullable JetStreamException> reason = new AtomicReference<>();

  /** Made when somebody asks for it. */
  private final AtomicReference<@Nullable CompletableFuture<JetStreamException>> future =
      new AtomicReference<>();

  ConnectionEnd(QuicConnection connection) {
    this.connection = connection;
  }

  Optional<JetStreamException> reason() {
    JetStreamException known = reason.get();
    if (known != null) {
      return Optional.of(known);
    }
    Block block = Block.take();
    try {
      int status = NativeConnection.pollClosed(connection.handle(), block);
      if (status == NativeStatus.PENDING) {
        return Optional.empty();
      }
      return Optional.of(
          remember(
              connection.endedLocally(status)
                  ? byThisSide(0)
                  : Failures.of("connection", block.failure(status))));
    } finally {
      block.give();
    }
  }

  /** This side closes it, which is the reason unless there is one. */
  void closedHere(long code) {
    if (reason().isEmpty()) {
      JetStreamException ignored = remember(byThisSide(code));
    }
  }

  private JetStreamException remember(JetStreamException why) {
    JetStreamException first = reason.compareAndExchange(null, why);
    JetStreamException known = first == null ? why : first;
    // By whoever finds it: a look between the end and its wake-up disarms that.
    tell(known);
    return known;
  }

  private void tell(JetStreamException why) {
    CompletableFuture<JetStreamException> waits = future.get();
    if (waits != null && !waits.isDone()) {
      Thread.startVirtualThread(() -> waits.complete(why));
    }
  }

  private ConnectionException byThisSide(long code) {
    String what = connection.isClosed() ? "connection" : "endpoint";
    return new ConnectionException(
        "connection ended: " + what + " closed by this side with application error " + code,
        Kind.CLOSED_LOCALLY,
        code,
        Initiator.LOCAL);
  }

  CompletableFuture<JetStreamException> future() {
    CompletableFuture<JetStreamException> known = future.get();
    if (known != null) {
      return known.copy();
    }
    CompletableFuture<JetStreamException> fresh = new CompletableFuture<>();
    if (!future.compareAndSet(null, fresh)) {
      return future();
    }
    connection.turns().onEnd = () -> Thread.startVirtualThread(this::complete);
    // Arms the wake-up, or finds that it is too late for one.
    complete();
    return fresh.copy();
  }

  /** Completes the future, if somebody asked for it and the connection has ended. */
  void complete() {
    CompletableFuture<JetStreamException> waits = future.get();
    if (waits != null && !waits.isDone()) {
      reason().ifPresent(this::tell);
    }
  }
}
