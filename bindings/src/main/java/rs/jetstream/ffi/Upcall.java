package rs.jetstream.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.atomic.AtomicLong;
import rs.jetstream.ffi.raw.jetstream_exchange_fn;

/** The calls from the native half into Java. */
final class Upcall {
  /**
   * Lives as long as the process: endpoint threads can call at any time.
   *
   * <p>The pointer of {@code jetstream_wake_fn} comes as a number, which platforms of 64 bits pass
   * alike: the segment of a pointer is allocated before {@link #wake} is entered, and what fails
   * there, for want of memory, ends the JVM.
   */
  static final MemorySegment STUB =
      Linker.nativeLinker()
          .upcallStub(
              wakeHandle(), FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG), Arena.global());

  /** As {@link #STUB}. */
  static final MemorySegment EXCHANGE =
      jetstream_exchange_fn.allocate(Upcall::exchange, Arena.global());

  /** All of it: to read tokens without making a segment of them, see {@link #STUB}. */
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final AtomicLong THREADS = new AtomicLong();

  private Upcall() {}

  private static MethodHandle wakeHandle() {
    try {
      return MethodHandles.lookup()
          .findStatic(
              Upcall.class, "wake", MethodType.methodType(void.class, long.class, long.class));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** {@code count} tokens that stand at the address {@code tokens}. */
  @SuppressWarnings("UnusedMethod") // the stub does
  private static void wake(long tokens, long count) {
    // Whatever leaves an upcall ends the JVM with exit code 1 and no crash file.
    try {
      if (count == 0) {
        Thread.currentThread().setName("jetstream-endpoint-" + THREADS.incrementAndGet());
        EndpointThread.mark();
      }
    } catch (Throwable unnamed) {
      // Out of memory.
    }
    boolean work = false;
    for (long i = 0; i < count; i++) {
      // One for each: what one cannot be told does not keep the others from being woken.
      try {
        work |= WakeSlot.wake(MEMORY.get(JAVA_LONG, tokens + i * Long.BYTES));
      } catch (Throwable lost) {
        // Out of memory or stack: the flags are set before anything that can fail, so a waiter that
        // was not unparked finds its flag at its deadline.
        work = true;
      }
    }
    // When nobody has to wait for it any more.
    for (long i = 0; work && i < count; i++) {
      try {
        WakeSlot.work(MEMORY.get(JAVA_LONG, tokens + i * Long.BYTES));
      } catch (Throwable lost) {
        // Out of memory or stack, beyond what the owner of the slot has seen to.
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
