package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SignersTest {
  @Test
  void whatWaitsForADeviceThatHangsIsBoundedAndDoneWhenItWorksAgain() throws Exception {
    Signers signers = new Signers("test-signer-");
    CountDownLatch works = new CountDownLatch(1);
    int taken = Signers.THREADS + Signers.MOST_WAITING;
    CountDownLatch done = new CountDownLatch(taken);
    try {
      for (int i = 0; i < taken; i++) {
        assertThat(signers.sign(() -> signed(works, done))).isTrue();
      }
      assertThat(signers.sign(() -> signed(works, done))).as("one more").isFalse();
    } finally {
      works.countDown();
      signers.shutdown();
    }
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(signers.sign(() -> signed(works, done))).as("after the end").isFalse();
  }

  private static void signed(CountDownLatch works, CountDownLatch done) {
    try {
      works.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    done.countDown();
  }
}
