package rs.jetstream.quic;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.EndpointThread;

/**
 * Where the one thread of an operation waits until the native half says: poll again.
 *
 * <p>The order is what makes it safe: {@link #arm()}, poll, {@link #await}. A wake-up between any
 * two of them is seen. A wake-up is only a hint: after it the operation is polled, and may wait
 * again.
 */
final class Waiter {
  /** No deadline. */
  static final long NEVER = Long.MAX_VALUE;

  private volatile boolean woken;
  private volatile @Nullable Thread thread;

  /** Of the wait under way, in {@link System#nanoTime} terms; {@link #NEVER} when there is none. */
  private volatile long deadline = NEVER;

  /** When {@link Deadlines} will look at this waiter; its own field. */
  volatile long lookAt = NEVER;

  /** The deadline of a call that may take {@code timeout} from now. */
  static long deadlineAfter(@Nullable Duration timeout) {
    if (timeout == null) {
      return NEVER;
    }
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("timeout is " + timeout + ", must not be negative");
    }
    long nanos;
    try {
      nanos = timeout.toNanos();
    } catch (ArithmeticException e) {
      return NEVER;
    }
    // Far enough to be never, near enough not to overflow.
    return nanos > NEVER >> 2 ? NEVER : System.nanoTime() + nanos;
  }

  /** The earlier one. */
  static long earlier(long a, long b) {
    return a == NEVER ? b : b == NEVER || a - b <= 0 ? a : b;
  }

  static boolean passed(long deadline) {
    return deadline != NEVER && System.nanoTime() - deadline >= 0;
  }

  /** Whether a thread waits here now. */
  boolean isWaiting() {
    return thread != null;
  }

  long deadline() {
    return deadline;
  }

  /** Before the poll: what was woken up to now is forgotten, what comes after is kept. */
  void arm() {
    woken = false;
  }

  /**
   * Wakes the waiting thread, now or when it comes. Called in the upcall: sets a flag and unparks.
   */
  void wake() {
    woken = true;
    Thread waiting = thread;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }

  /** Lets the waiting thread see that its deadline has passed. */
  void expire() {
    Thread waiting = thread;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }

  /**
   * Waits for a wake-up.
   *
   * @return whether it came before {@code until}
   * @throws IllegalStateException on the thread of an endpoint, where nothing would end the wait
   * @throws InterruptedIOException when the thread is interrupted, which stays set; nothing is lost
   */
  boolean await(long until) throws InterruptedIOException {
    refuseOnEndpointThread();
    thread = Thread.currentThread();
    try {
      if (until != NEVER) {
        deadline = until;
        Deadlines.watch(this);
      }
      while (!woken) {
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedIOException("interrupted while waiting");
        }
        if (passed(until)) {
          return false;
        }
        LockSupport.park(this);
      }
      return true;
    } finally {
      thread = null;
      deadline = NEVER;
    }
  }

  static void refuseOnEndpointThread() {
    if (EndpointThread.isCurrent()) {
      throw new IllegalStateException(
          "would wait on the endpoint's own thread, whose work is what it waits for: in a handler"
              + " that runs there start a virtual thread for this");
    }
  }

  /** Waits for a wake-up whatever happens to the thread, for closing. */
  boolean awaitUninterruptibly(long until) {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return await(until);
        } catch (InterruptedIOException e) {
          interrupted = Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
