package rs.jetstream.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Native buffers for one call each, used again. */
final class Buffers {
  /** What a small call fits in. */
  static final int SIZE = 4096;

  /** What a large one goes through. */
  static final int LARGE = 64 << 10;

  private static final ConcurrentLinkedQueue<MemorySegment> FREE = new ConcurrentLinkedQueue<>();
  private static final ConcurrentLinkedQueue<MemorySegment> FREE_LARGE =
      new ConcurrentLinkedQueue<>();
  private static final ConcurrentHashMap<Integer, MemorySegment> REQUESTS =
      new ConcurrentHashMap<>();

  private Buffers() {}

  static MemorySegment take() {
    MemorySegment buffer = FREE.poll();
    return buffer != null ? buffer : Arena.global().allocate(SIZE);
  }

  /** One of {@link #LARGE} bytes. */
  static MemorySegment takeLarge() {
    MemorySegment buffer = FREE_LARGE.poll();
    return buffer != null ? buffer : Arena.global().allocate(LARGE);
  }

  static void give(MemorySegment buffer) {
    (buffer.byteSize() == SIZE ? FREE : FREE_LARGE).add(buffer);
  }

  /** The bytes of a call, which all callers share. */
  static MemorySegment request(int size) {
    return REQUESTS.computeIfAbsent(
        size,
        it ->
            Arena.global()
                .allocate(it)
                .copyFrom(MemorySegment.ofArray(Protocol.call(it)))
                .asReadOnly());
  }
}
