package rs.jetstream.quic;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Native memory on the way to a heap array, pooled: there is as much as was ever in use at once.
 */
final class NativeBuffer {
  static final int SIZE = 64 * 1024;

  private static final ConcurrentLinkedQueue<NativeBuffer> POOL = new ConcurrentLinkedQueue<>();

  private final MemorySegment segment = Arena.global().allocate(SIZE, 64);

  private NativeBuffer() {}

  static NativeBuffer take() {
    NativeBuffer buffer = POOL.poll();
    return buffer != null ? buffer : new NativeBuffer();
  }

  MemorySegment segment() {
    return segment;
  }

  void give() {
    POOL.offer(this);
  }
}
