package rs.jetstream.ffi;

import java.lang.foreign.MemorySegment;

/** What all checked calls share. */
final class Call {
  private Call() {}

  /**
   * jextract wraps everything that a call throws before it reaches the native half, such as the
   * exception for a segment whose arena is closed, into an {@code AssertionError}: this gives back
   * what was inside.
   */
  static RuntimeException unwrap(AssertionError error) {
    if (error.getCause() instanceof RuntimeException cause) {
      return cause;
    }
    throw error;
  }

  /** A segment that a call may hand over: native, and of the length that it says. */
  static MemorySegment nativeMemory(MemorySegment segment, String name) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          name
              + " is on the heap: allocate it from an Arena, or use the method that takes an"
              + " array");
    }
    return segment;
  }
}
