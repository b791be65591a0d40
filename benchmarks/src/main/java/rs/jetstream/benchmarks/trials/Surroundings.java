package rs.jetstream.benchmarks.trials;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What both sides can be told to do beside their work: collect garbage, and watch the carriers. */
final class Surroundings {
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private volatile @Nullable Thread collector;
  private @Nullable Watch watch;

  Map<String, ?> run(String[] words) throws Exception {
    return switch (String.join(" ", words)) {
      case "collect on" -> collect();
      case "collect off" -> stopCollecting();
      case "watch on" -> {
        watch = new Watch();
        yield Lines.nothing();
      }
      case "watch off" -> {
        Watch it = watch;
        if (it == null) {
          throw new IllegalStateException("nothing is watched");
        }
        watch = null;
        yield it.end();
      }
      default -> throw Lines.unknown(words[0]);
    };
  }

  private Map<String, Object> collect() {
    collector =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              while (collector != null) {
                System.gc();
                LockSupport.parkNanos(PERIOD.toNanos());
              }
            });
    return Lines.nothing();
  }

  private Map<String, Object> stopCollecting() throws InterruptedException {
    Thread it = collector;
    collector = null;
    if (it != null) {
      LockSupport.unpark(it);
      it.join();
    }
    return Lines.nothing();
  }
}
