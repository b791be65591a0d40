package rs.jetstream.ffi;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A number under which the native half wakes a {@link Wakeable}.
 *
 * <p>Slots are used again, with another generation: a late wake-up for an earlier owner finds
 * nobody. The table only grows, to the peak of objects that were open at once.
 */
public final class WakeSlot {
  private static final ConcurrentLinkedQueue<WakeSlot> POOL = new ConcurrentLinkedQueue<>();
  private static final ReentrantLock GROWTH = new ReentrantLock();

  /** Replaced as a whole when it grows; read without a lock in the upcall. */
  private static volatile @Nullable WakeSlot[] table = new @Nullable WakeSlot[256];

  private static int used;

  private final int index;
  private volatile int generation;
  private volatile @Nullable Wakeable owner;
  private @Nullable Block first;
  private @Nullable Block second;

  private WakeSlot(int index) {
    this.index = index;
  }

  /** Takes a slot for {@code owner}; {@link #release()} gives it back. */
  public static WakeSlot take(Wakeable owner) {
    WakeSlot slot = POOL.poll();
    if (slot == null) {
      slot = grow();
    }
    slot.owner = owner;
    return slot;
  }

  /** The token for the native half, a multiple of 8: the operation goes into the low bits. */
  public long token() {
    return ((long) generation << 32) | ((long) index << 3);
  }

  /** Outputs for one direction of a stream, kept with the slot. */
  public Block first() {
    Block block = first;
    if (block == null) {
      first = block = Block.take();
    }
    return block;
  }

  /** Outputs for the other direction. */
  public Block second() {
    Block block = second;
    if (block == null) {
      second = block = Block.take();
    }
    return block;
  }

  /**
   * Gives the slot back. Once, when no thread is in a call with its token or its blocks any more.
   */
  public void release() {
    owner = null;
    int next = generation + 1;
    generation = next;
    POOL.offer(this);
  }

  /** The upcall's way in; true when {@link #work} is due after all that were woken. */
  static boolean wake(long token) {
    Wakeable owner = owner(token);
    if (owner == null) {
      return false;
    }
    int operation = (int) token & 7;
    owner.wake(operation);
    return owner instanceof Working working && working.hasWork(operation);
  }

  /** The upcall's way in to what the endpoint's thread does itself. */
  static void work(long token) {
    int operation = (int) token & 7;
    if (owner(token) instanceof Working owner && owner.hasWork(operation)) {
      owner.work(operation);
    }
  }

  /** The way in of messages. */
  static long exchange(long token, int status, long length) {
    // A request that nobody answers any more is reset.
    return owner(token) instanceof Exchanging owner
        ? owner.exchange(status, length)
        : NativeExchange.FAILED;
  }

  private static @Nullable Wakeable owner(long token) {
    @Nullable WakeSlot[] slots = table;
    int index = (int) token >>> 3;
    if (index >= slots.length) {
      return null;
    }
    WakeSlot slot = slots[index];
    if (slot == null) {
      return null;
    }
    // The owner first: whose generation is still the token's after that was its owner, or nobody.
    // In the other order the slot can go to somebody else between the two.
    Wakeable owner = slot.owner;
    return slot.generation == (int) (token >>> 32) ? owner : null;
  }

  private static WakeSlot grow() {
    GROWTH.lock();
    try {
      @Nullable WakeSlot[] slots = table;
      if (used == slots.length) {
        slots = java.util.Arrays.copyOf(slots, used * 2);
      }
      WakeSlot slot = new WakeSlot(used);
      slots[used++] = slot;
      // A volatile write after the slot is in its place: whoever has its token sees it.
      table = slots;
      return slot;
    } finally {
      GROWTH.unlock();
    }
  }
}
