package rs.jetstream.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A token is worth something to the owner that it was made for, and to nobody else. */
@Timeout(60)
final class WakeSlotTest {
  /** With the generation asked before the owner this failed in 3 of 3 runs. */
  private static final int ROUNDS = 3_000_000;

  /** Answers of an exchange count as failures of the test, wake-ups as well. */
  private record Stranger(AtomicLong disturbed) implements Wakeable, Exchanging {
    @Override
    public void wake(int operation) {
      disturbed.incrementAndGet();
    }

    @Override
    public long exchange(int status, long length) {
      return disturbed.incrementAndGet();
    }
  }

  @Test
  void lateTokenNeverReachesTheNextOwnerOfItsSlot() throws Exception {
    AtomicLong late = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong disturbed = new AtomicLong();
    Thread endpoint =
        Thread.ofPlatform()
            .start(() -> {
              while (!over.get()) {
                var _ = WakeSlot.wake(late.get());
                var _ = WakeSlot.exchange(late.get(), 0, 0);
              }
            });
    try {
      Wakeable first = operation -> {};
      Stranger next = new Stranger(disturbed);
      for (int round = 0; round < ROUNDS; round++) {
        WakeSlot slot = WakeSlot.take(first);
        late.set(slot.token());
        linger();
        slot.release();
        // The same again, for somebody whose token nobody has.
        slot = WakeSlot.take(next);
        linger();
        slot.release();
      }
    } finally {
      over.set(true);
      endpoint.join();
    }
    assertThat(disturbed).hasValue(0);
  }

  /** About as long as the other thread takes to look a token up. */
  private static void linger() {
    for (int i = 0; i < 5; i++) {
      Thread.onSpinWait();
    }
  }
}
