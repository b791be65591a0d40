package rs.jetstream.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing leaves an upcall: it would end the JVM, and this test with it. */
@Timeout(30)
@SuppressWarnings("restricted") // calls the stubs as the native half does
final class UpcallTest {
  private static final List<Supplier<Throwable>> THROWN =
      List.of(
          () -> new RuntimeException("test"),
          () -> new IOException("test"),
          () -> new AssertionError("test"),
          () -> new OutOfMemoryError("test"),
          StackOverflowError::new,
          () -> new ExceptionInInitializerError("test"),
          () -> new NoClassDefFoundError("test"),
          () -> new Throwable("test"));

  @Test
  void whateverAnOwnerThrowsEndsThereAndTheOthersAreWoken() throws Throwable {
    MethodHandle wake =
        Linker.nativeLinker()
            .downcallHandle(Upcall.STUB, FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG));
    List<WakeSlot> slots = new ArrayList<>();
    int[] woken = new int[1];
    for (Supplier<Throwable> thrown : THROWN) {
      slots.add(WakeSlot.take(operation -> UpcallTest.<RuntimeException>sneak(thrown.get())));
      slots.add(WakeSlot.take(operation -> woken[0]++));
    }
    slots.add(WakeSlot.take(UpcallTest::recurse));
    slots.add(WakeSlot.take(operation -> woken[0]++));
    try (Arena arena = Arena.ofConfined()) {
      long[] tokens = slots.stream().mapToLong(WakeSlot::token).toArray();
      wake.invokeExact(arena.allocateFrom(JAVA_LONG, tokens), (long) tokens.length);
    }
    assertThat(woken[0]).isEqualTo(THROWN.size() + 1);
    slots.forEach(WakeSlot::release);
  }

  @Test
  void whateverTheOwnerOfAnExchangeThrowsIsAFailure() throws Throwable {
    MethodHandle exchange =
        Linker.nativeLinker()
            .downcallHandle(
                Upcall.EXCHANGE, FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG));
    for (Supplier<Throwable> thrown : THROWN) {
      WakeSlot slot = WakeSlot.take(new Throwing(thrown));
      assertThat((long) exchange.invokeExact(slot.token(), 0, 0L)).isEqualTo(NativeExchange.FAILED);
      slot.release();
    }
  }

  /** Such a target is refused by the JDK, so no upcall of ours can declare an exception. */
  @Test
  void targetThatDeclaresAnExceptionCannotBeLinked() throws Exception {
    MethodHandle target =
        MethodHandles.lookup()
            .findStatic(UpcallTest.class, "declares", MethodType.methodType(void.class));
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            Linker.nativeLinker().upcallStub(target, FunctionDescriptor.ofVoid(), Arena.global()));
  }

  @SuppressWarnings("DoNotCallSuggester") // nobody does
  static void declares() throws IOException {
    throw new IOException("test");
  }

  @SuppressWarnings("InfiniteRecursion") // is what is tried
  private static void recurse(int operation) {
    recurse(operation + 1);
    recurse(operation + 2); // so that it is no loop
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> void sneak(Throwable thrown) throws E {
    throw (E) thrown;
  }

  private record Throwing(Supplier<Throwable> thrown) implements Wakeable, Exchanging {
    @Override
    public void wake(int operation) {}

    @Override
    public long exchange(int status, long length) {
      UpcallTest.<RuntimeException>sneak(thrown.get());
      return 0;
    }
  }
}
