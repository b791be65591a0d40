package rs.jetstream.quic;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.Exchanging;
import rs.jetstream.ffi.NativeConnection;
import rs.jetstream.ffi.NativeExchange;
import rs.jetstream.ffi.Wakeable;

/** Who waits for what; made before there is a connection, so that the native half can wake. */
final class ConnectionTurns implements Wakeable, Exchanging {
  private static final int KINDS = 2;

  final Turn[] accept = {new Turn(), new Turn()};
  final Turn[] open = {new Turn(), new Turn()};

  /** For the attempt to connect. */
  final Waiter connect = new Waiter();

  final Turn ping = new Turn();
  final Turn datagram = new Turn();

  /** Run when the connection ends, off the upcall; null while nobody asked for it. */
  volatile @Nullable Runnable onEnd;

  /** Who answers the peer's requests in place; null while nobody does. */
  final AtomicReference<@Nullable Answering> answering = new AtomicReference<>();

  @Override
  public long exchange(int status, long length) {
    Answering it = answering.get();
    return it == null ? NativeExchange.DECLINED : it.exchange(status, length);
  }

  @Override
  public void wake(int operation) {
    switch (operation) {
      case NativeConnection.WAKE_ACCEPT, NativeConnection.WAKE_ACCEPT + 1 ->
          accept[operation - NativeConnection.WAKE_ACCEPT].waiter.wake();
      case NativeConnection.WAKE_OPEN, NativeConnection.WAKE_OPEN + 1 ->
          open[operation - NativeConnection.WAKE_OPEN].waiter.wake();
      case NativeConnection.WAKE_CONNECT -> connect.wake();
      case NativeConnection.WAKE_PING -> ping.waiter.wake();
      case NativeConnection.WAKE_DATAGRAM -> datagram.waiter.wake();
      default -> {
        wakeAll();
        Runnable task = onEnd;
        if (task != null) {
          Deadlines.run(task);
        }
      }
    }
  }

  void wakeAll() {
    for (int kind = 0; kind < KINDS; kind++) {
      accept[kind].waiter.wake();
      open[kind].waiter.wake();
    }
    connect.wake();
    ping.waiter.wake();
    datagram.waiter.wake();
  }
}
