package rs.jetstream.quic;

import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The queue in front of one native operation that has one waker: opening or accepting of one kind.
 *
 * <p>Who has the turn polls, and waits on {@link #waiter}. Who leaves, for whatever reason, gives
 * the turn to the next, who polls at once: no wake-up is lost with a waiter that went away.
 */
final class Turn {
  final Waiter waiter = new Waiter();
  private final ReentrantLock lock = new ReentrantLock(true);

  /** Whether the turn came before {@code deadline}; then {@link #leave()} is due. */
  boolean enter(long deadline, String doing) throws InterruptedIOException {
    // Without queueing when nobody is there: the common case.
    if (lock.tryLock()) {
      return true;
    }
    Waiter.refuseOnEndpointThread();
    try {
      if (deadline == Waiter.NEVER) {
        lock.lockInterruptibly();
        return true;
      }
      return lock.tryLock(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(doing + " was interrupted");
    }
  }

  void leave() {
    lock.unlock();
  }
}
