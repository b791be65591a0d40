package rs.jetstream.rpc;

import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * One thread for all deadlines of calls.
 *
 * <p>What is watched is a lane, not a call: it is entered for the earliest of its deadlines, looks
 * at its calls when that has come, and says when it wants to look again. With one timeout for all
 * calls, a new call's deadline is later than what the lane is entered for, and costs one
 * comparison.
 */
final class Timers {
  /** No time. */
  static final long NEVER = Long.MAX_VALUE;

  /** Something with deadlines. */
  abstract static class Watched {
    /** When it will be looked at; written by whoever enters it. */
    private volatile long lookAt = NEVER;

    /** Does what is due at {@code now}; does not block. Returns when to look again, or NEVER. */
    abstract long look(long now);
  }

  private static final System.Logger LOG = System.getLogger("rs.jetstream.rpc");

  private record Entry(Watched watched, long time) {}

  private static final ConcurrentLinkedQueue<Entry> ENTERED = new ConcurrentLinkedQueue<>();
  private static final Thread THREAD =
      Thread.ofPlatform().daemon().name("jetstream-rpc-deadlines-1").unstarted(Timers::run);

  /** Until memory is tried again that had run out. */
  private static final long PAUSE_NANOS = 1_000_000;

  private static volatile long sleepsUntil = NEVER;

  static {
    THREAD.start();
  }

  private Timers() {}

  /** The earlier one, where NEVER is the latest. */
  static long earlier(long a, long b) {
    return a == NEVER ? b : b == NEVER ? a : a - b <= 0 ? a : b;
  }

  /** Sees to it that {@code watched} looks at {@code time} or before. */
  static void watch(Watched watched, long time) {
    if (time == NEVER) {
      return;
    }
    long lookAt = watched.lookAt;
    if (lookAt != NEVER && lookAt - time <= 0) {
      return;
    }
    watched.lookAt = time;
    boolean entered = false;
    try {
      ENTERED.add(new Entry(watched, time));
      entered = true;
    } finally {
      if (!entered) {
        watched.lookAt = NEVER; // out of memory
      }
    }
    long until = sleepsUntil;
    if (until == NEVER || until - time > 0) {
      LockSupport.unpark(THREAD);
    }
  }

  private static void run() {
    PriorityQueue<Entry> queue = new PriorityQueue<>((a, b) -> Long.signum(a.time - b.time));
    while (true) {
      try {
        turn(queue);
      } catch (OutOfMemoryError full) {
        // All deadlines of the process hang on this thread. What it was at is still queued.
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /** Each is taken out of its queue when it is done, so that what fails is done again. */
  private static void turn(PriorityQueue<Entry> queue) {
    // Told before the inbox is read: an entry that comes after that unparks.
    sleepsUntil = NEVER;
    for (Entry entry = ENTERED.peek(); entry != null; entry = ENTERED.peek()) {
      queue.add(entry);
      ENTERED.remove();
    }
    long now = System.nanoTime();
    for (Entry next = queue.peek(); next != null && next.time - now <= 0; next = queue.peek()) {
      look(next.watched, now);
      queue.remove();
    }
    if (!ENTERED.isEmpty()) {
      return;
    }
    if (queue.isEmpty()) {
      LockSupport.park();
    } else {
      sleepsUntil = queue.peek().time;
      LockSupport.parkNanos(Math.max(1, sleepsUntil - System.nanoTime()));
    }
  }

  private static void look(Watched watched, long now) {
    watched.lookAt = NEVER;
    try {
      watch(watched, watched.look(now));
    } catch (OutOfMemoryError full) {
      throw full;
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "looking at deadlines failed", e);
    }
  }
}
