package rs.jetstream.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the messages of one endpoint's exchanges go through.
 *
 * <p>It is there until its last segment is unreachable, so what a program keeps of it beyond its
 * call reads other bytes later, and never memory of somebody else.
 */
public final class ExchangeMemory {
  /** Bytes of the longest message. */
  public static final int SIZE = 64 * 1024;

  /** The native half uses them, whoever has forgotten their endpoints. */
  private static final Set<ExchangeMemory> IN_USE = ConcurrentHashMap.newKeySet();

  private final MemorySegment input;
  private final MemorySegment output;
  private final MemorySegment readOnlyInput;

  private ExchangeMemory() {
    MemorySegment all = Arena.ofAuto().allocate(2L * SIZE, 64);
    input = all.asSlice(0, SIZE);
    output = all.asSlice(SIZE, SIZE);
    readOnlyInput = input.asReadOnly();
  }

  /** Tells {@code endpoint} to hand messages over through {@code out[0]}. */
  public static int open(long endpoint, ExchangeMemory[] out, Block block) {
    ExchangeMemory memory = new ExchangeMemory();
    IN_USE.add(memory);
    int status = NativeExchange.open(endpoint, memory.input, memory.output, block);
    if (status == NativeStatus.OK) {
      out[0] = memory;
    } else {
      IN_USE.remove(memory);
    }
    return status;
  }

  /** Its endpoint's thread has ended. */
  public void release() {
    IN_USE.remove(this);
  }

  /** The first {@code length} bytes of what comes, read-only. */
  public MemorySegment input(long length) {
    return readOnlyInput.asSlice(0, length);
  }

  /** Where answers are put. */
  public MemorySegment output() {
    return output;
  }

  /** Why there is no answer, when that is what came. */
  public NativeFailure failure(int status) {
    return NativeFailure.read(status, input);
  }
}
