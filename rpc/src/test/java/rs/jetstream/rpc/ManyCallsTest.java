package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.rpc.Interop.Two;

/**
 * Many calls over few tags: every answer is the caller's own. The Rust client goes wrong after
 * 65,536 of them.
 *
 * <p>{@code -Djetstream.test.calls=1000000} makes it a million, which took 13 s on two busy cores;
 * the build makes fewer.
 */
@Timeout(300)
@ExtendWith(LeakExtension.class)
final class ManyCallsTest {
  private static final int CALLS = Integer.getInteger("jetstream.test.calls", 200_000);

  private static void run(int calls, int threads, int tags) throws Exception {
    AtomicLong next = new AtomicLong();
    try (Ends ends = new Ends(it -> it, it -> it.maxCallsPerLane(tags));
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Long> caller =
          () -> {
            long wrong = 0;
            for (long i; (i = next.getAndIncrement()) < calls; ) {
              if (ends.caller.call(Interop.ADD, new Two<>(i, i << 20)) != i + (i << 20)) {
                wrong++;
              }
            }
            return wrong;
          };
      List<Future<Long>> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        workers.add(executor.submit(caller));
      }
      long wrong = 0;
      for (Future<Long> worker : workers) {
        wrong += worker.get();
      }
      assertThat(wrong).isZero();
      assertThat(next.get()).isEqualTo(calls + threads);
    }
  }

  @Test
  void everyAnswerIsRightOverSixteenTagsAndSixtyFourThreads() throws Exception {
    run(CALLS, 64, 16);
  }

  @Test
  void everyAnswerIsRightWithAThousandCallsAtOnce() throws Exception {
    run(CALLS / 2, 1000, 256);
  }

  @Test
  void everyAnswerIsRightWithOneTag() throws Exception {
    run(2_000, 8, 1);
  }
}
