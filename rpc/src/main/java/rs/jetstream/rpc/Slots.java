package rs.jetstream.rpc;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The tags of a lane, from 1 to a maximum, each free or taken by what waits for its response.
 *
 * <p>Tags go round: the one that was given back longest ago is taken next, so that a peer that
 * answers twice hits nobody for as long as can be. The ring of free tags is Vyukov's bounded queue
 * (each cell counts the turns that it is free or taken for), which any number of threads use
 * without a lock.
 */
final class Slots<T> {
  private final int max;
  private final int mask;
  private final AtomicReferenceArray<@Nullable T> taken;

  /** How many tags are free; its queue is where callers wait in order. */
  private final Semaphore free;

  /** Cell i: the turn in the upper half, the tag in the lower one. */
  private final AtomicLongArray ring;

  private final AtomicLong takeAt = new AtomicLong();
  private final AtomicLong giveAt;

  Slots(int max) {
    this.max = max;
    int size = Integer.highestOneBit(Math.max(1, 2 * max - 1)); // the next power of two
    mask = size - 1;
    taken = new AtomicReferenceArray<>(max);
    free = new Semaphore(max, true);
    ring = new AtomicLongArray(size);
    for (int i = 0; i < size; i++) {
      ring.setPlain(i, i < max ? cell(i + 1L, i + 1) : cell(i, 0));
    }
    giveAt = new AtomicLong(max);
  }

  private static long cell(long turn, int tag) {
    return turn << Integer.SIZE | tag;
  }

  private static int turn(long cell) {
    return (int) (cell >>> Integer.SIZE);
  }

  int max() {
    return max;
  }

  /** How many tags are free. */
  int available() {
    return free.availablePermits();
  }

  /** A tag, or 0 when all are taken. */
  int tryTake() {
    return free.tryAcquire() ? next() : 0;
  }

  /** A tag, waiting at most {@code nanos}; 0 when there was none in that time. */
  int take(long nanos) throws InterruptedException {
    return free.tryAcquire(nanos, TimeUnit.NANOSECONDS) ? next() : 0;
  }

  private int next() {
    // The semaphore says that there is one, or that it is just being put there.
    while (true) {
      long at = takeAt.get();
      long cell = ring.get((int) at & mask);
      if (turn(cell) == (int) (at + 1)) {
        if (takeAt.compareAndSet(at, at + 1)) {
          ring.set((int) at & mask, cell(at + mask + 1, 0));
          return (int) cell;
        }
      } else {
        Thread.onSpinWait();
      }
    }
  }

  /** Frees {@code tag} when something waits on it, and says so: only one of two that try does. */
  boolean give(int tag) {
    if (taken.getAndSet(tag - 1, null) == null) {
      return false;
    }
    while (true) {
      long at = giveAt.get();
      if (turn(ring.get((int) at & mask)) == (int) at) {
        if (giveAt.compareAndSet(at, at + 1)) {
          ring.set((int) at & mask, cell(at + 1, tag));
          break;
        }
      } else {
        Thread.onSpinWait();
      }
    }
    free.release();
    return true;
  }

  /** Says who waits for the response of {@code tag}: the first that is done with a taken tag. */
  void put(int tag, T waiter) {
    taken.set(tag - 1, waiter);
  }

  /** Who waits for the response of {@code tag}, any number that a peer can send; null if nobody. */
  @Nullable T get(int tag) {
    return tag < 1 || tag > max ? null : taken.get(tag - 1);
  }

  /** Called with a tag and who waits for its response. */
  interface Action<T> {
    void accept(int tag, T waiter);
  }

  /** Calls {@code action} with all who wait. */
  void forEach(Action<T> action) {
    for (int i = 0; i < max; i++) {
      T it = taken.get(i);
      if (it != null) {
        action.accept(i + 1, it);
      }
    }
  }
}
