package rs.jetstream.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import rs.jetstream.ffi.raw.jetstream_exchange_fn;
import rs.jetstream.ffi.raw.jetstream_wake_fn;

/** The calls from the native half into Java. */
final class Upcall {
  /** Lives as long as the process: endpoint threads can call at any time. */
  static final MemorySegment STUB = jetstream_wake_fn.allocate(Upcall::wake, Arena.global());

  /** As {@link #STUB}. */
  static final MemorySegment EXCHANGE =
      jetstream_exchange_fn.allocate(Upcall::exchange, Arena.global());

  private static final AtomicLong THREADS = new AtomicLong();

  private Upcall() {}

  private static void wake(MemorySegment tokens, long count) {
    // Whatever leaves an upcall ends the JVM with exit code 1 and no crash file.
    try {
      if (count == 0) {
        Thread.currentThread().setName("jetstream-endpoint-" + THREADS.incrementAndGet());
        EndpointThread.mark();
      }
    } catch (Throwable unnamed) {
      // Out of memory.
    }
    for (long i = 0; i < count; i++) {
      // One for each: what one cannot be told does not keep the others from being woken.
      try {
        WakeSlot.wake(tokens.getAtIndex(JAVA_LONG, i));
      } catch (Throwable lost) {
        // Out of memory or stack: the flags are set before anything that can fail, so a waiter that
        // was not unparked finds its flag at its deadline.
      }
    }
  }

  private static long exchange(long token, int status, long length) {
    try {
      return WakeSlot.exchange(token, status, length);
    } catch (Throwable lost) {
      // Out of memory or stack, beyond what the owner of the slot has seen to.
      return NativeExchange.FAILED;
    }
  }
}
