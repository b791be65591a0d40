package rs.jetstream.quic;

import java.util.Collection;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeConnection;

/** Switches a connection's keep-alive, unless the program does. */
final class KeepAliver {
  private enum Kept {
    NOT,
    WHILE_WAITING,
    BY_CALLER
  }

  private final QuicConnection connection;
  private volatile Kept kept = Kept.NOT;

  KeepAliver(QuicConnection connection) {
    this.connection = connection;
  }

  /** From now on the program says. */
  void isCallers() {
    kept = Kept.BY_CALLER;
  }

  void begin(KeepAlive mode) {
    if (mode == KeepAlive.ALWAYS) {
      isCallers();
      keep(true);
    }
  }

  /** Switches it on when a call waits on one of the streams, and off when none does any more. */
  void look(Collection<AbstractStream> streams) {
    Kept now = kept;
    if (now == Kept.BY_CALLER) {
      return;
    }
    boolean waits = streams.stream().anyMatch(AbstractStream::isWaiting);
    if (waits != (now == Kept.WHILE_WAITING)) {
      kept = waits ? Kept.WHILE_WAITING : Kept.NOT;
      keep(waits);
    }
  }

  private void keep(boolean enabled) {
    Block block = Block.take();
    try {
      // Fails only when the connection has ended, which whoever waits is told.
      int ignored = NativeConnection.keepAlive(connection.handle(), enabled, block);
    } finally {
      block.give();
    }
  }
}
