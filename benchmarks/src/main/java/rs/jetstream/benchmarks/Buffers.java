package rs.jetstream.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Native buffers for one call each, used again. */
final class Buffers {
  static final int SIZE = 4096;

  private static final ConcurrentLinkedQueue<MemorySegment> FREE = new ConcurrentLinkedQueue<>();

  private Buffers() {}

  static MemorySegment take() {
    MemorySegment buffer = FREE.poll();
    return buffer != null ? buffer : Arena.global().allocate(SIZE);
  }

  static void give(MemorySegment buffer) {
    FREE.add(buffer);
  }
}
