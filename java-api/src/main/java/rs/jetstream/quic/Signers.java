package rs.jetstream.quic;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads that sign. Threads of the platform: PKCS#11 signs in a native call, in which a virtual
 * thread holds its carrier, and a token that hangs would hold all of them. There are none while
 * nobody signs.
 */
final class Signers {
  /** Signatures under way at once; the next ones wait, and their handshakes with them. */
  static final int THREADS = 32;

  /**
   * Signatures that wait. While a token hangs, handshakes give up and new ones come: what waits for
   * them must not grow with that.
   */
  static final int MOST_WAITING = 4096;

  private static final int IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads;

  /** Their names are {@code name} and a number. */
  Signers(String name) {
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            Thread.ofPlatform().daemon().name(name, 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /** Has {@code signing} run when its turn comes; false, and never, when too many wait. */
  boolean sign(Runnable signing) {
    try {
      threads.execute(signing);
      return true;
    } catch (RejectedExecutionException full) {
      return false;
    }
  }

  /** Takes nothing more; what waits is done. */
  void shutdown() {
    threads.shutdown();
  }
}
