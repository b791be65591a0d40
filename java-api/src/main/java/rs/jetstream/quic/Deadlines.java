package rs.jetstream.quic;

import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * One thread for all deadlines of the library.
 *
 * <p>A wait with a deadline parks without a time: timed parks of virtual threads cost an entry in
 * the scheduler each, which on a deadline of seconds is thrown away microseconds later. Here a
 * waiter is entered once, and looked at when its time has come; if it waits for something later by
 * then, it is entered again for that.
 */
final class Deadlines {
  private record Entry(Waiter waiter, long time) {}

  private static final ConcurrentLinkedQueue<Entry> ENTERED = new ConcurrentLinkedQueue<>();
  private static final ConcurrentLinkedQueue<Runnable> TASKS = new ConcurrentLinkedQueue<>();
  private static final Thread THREAD =
      Thread.ofPlatform().daemon().name("jetstream-deadlines-1").unstarted(Deadlines::run);

  /** Until memory is tried again that had run out. */
  private static final long PAUSE = 1_000_000;

  private static volatile long sleepsUntil = Waiter.NEVER;

  static {
    THREAD.start();
  }

  private Deadlines() {}

  /** Sees to it that {@code waiter} is woken at its deadline, if it still waits then. */
  static void watch(Waiter waiter) {
    long deadline = waiter.deadline();
    long lookAt = waiter.lookAt;
    if (lookAt != Waiter.NEVER && lookAt - deadline <= 0) {
      return;
    }
    enter(waiter, deadline);
  }

  /** Runs {@code task} on the thread of deadlines: short work that an upcall must not do. */
  static void run(Runnable task) {
    TASKS.add(task);
    LockSupport.unpark(THREAD);
  }

  private static void enter(Waiter waiter, long deadline) {
    Entry entry = new Entry(waiter, deadline);
    waiter.lookAt = deadline;
    boolean entered = false;
    try {
      ENTERED.add(entry);
      entered = true;
    } finally {
      if (!entered) {
        waiter.lookAt = Waiter.NEVER; // out of memory
      }
    }
    if (sleepsUntil == Waiter.NEVER || sleepsUntil - deadline > 0) {
      LockSupport.unpark(THREAD);
    }
  }

  private static void run() {
    PriorityQueue<Entry> queue = new PriorityQueue<>((a, b) -> Long.signum(a.time - b.time));
    while (true) {
      try {
        turn(queue);
      } catch (OutOfMemoryError full) {
        // Without this thread no deadline would ever come again. What it was at is still queued.
        LockSupport.parkNanos(PAUSE);
      }
    }
  }

  /** Each is taken out of its queue when it is done, so that what fails is done again. */
  private static void turn(PriorityQueue<Entry> queue) {
    // Told before the inbox is read: an entry that comes after that unparks.
    sleepsUntil = Waiter.NEVER;
    for (Entry entry = ENTERED.peek(); entry != null; entry = ENTERED.peek()) {
      queue.add(entry);
      ENTERED.remove();
    }
    for (Runnable task = TASKS.peek(); task != null; task = TASKS.peek()) {
      task.run();
      TASKS.remove();
    }
    long now = System.nanoTime();
    for (Entry next = queue.peek(); next != null && next.time - now <= 0; next = queue.peek()) {
      look(next.waiter, now);
      queue.remove();
    }
    if (!ENTERED.isEmpty() || !TASKS.isEmpty()) {
      return;
    }
    if (queue.isEmpty()) {
      LockSupport.park();
    } else {
      sleepsUntil = queue.peek().time;
      LockSupport.parkNanos(Math.max(1, sleepsUntil - System.nanoTime()));
    }
  }

  private static void look(Waiter waiter, long now) {
    waiter.lookAt = Waiter.NEVER;
    long deadline = waiter.deadline();
    if (deadline == Waiter.NEVER) {
      return;
    }
    if (deadline - now > 0) {
      enter(waiter, deadline);
    } else {
      waiter.expire();
    }
  }
}
