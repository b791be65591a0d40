package rs.jetstream.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Callers that block, each on a virtual thread. */
final class Callers {
  /** Connections that are opened at once, where they are opened to be idle. */
  static final int OPENERS = 32;

  /** What one caller does for each of its operations. */
  interface Operation {
    void run() throws Exception;
  }

  /** Makes the operation of one caller, which nobody else uses. */
  interface Maker {
    Operation make(int caller) throws Exception;
  }

  private Callers() {}

  /** Makes all operations, {@code atOnce} at a time. */
  static void run(Latencies latencies, int atOnce, Maker maker) throws Exception {
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < atOnce; i++) {
      operations.add(maker.make(i));
    }
    all(
        operations,
        operation -> {
          while (latencies.next()) {
            long start = System.nanoTime();
            operation.run();
            latencies.record(start);
          }
        });
  }

  /** What is done with each of some objects. */
  interface With<T> {
    void run(T object) throws Exception;
  }

  /** Does it with all {@code objects} at the same time. */
  static <T> void all(List<T> objects, With<T> with) throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> done = new ArrayList<>();
      for (T object : objects) {
        done.add(
            executor.submit(() -> {
              with.run(object);
              return null;
            }));
      }
      for (Future<?> one : done) {
        one.get();
      }
    }
  }

  /** Does it {@code times} times, {@link #OPENERS} at a time. */
  static void repeat(int times, Operation operation) throws Exception {
    run(Latencies.of(times), OPENERS, caller -> operation);
  }

  /** Does two things at the same time, the second on this thread. */
  static void both(Operation other, Operation here) throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> done =
          executor.submit(() -> {
            other.run();
            return null;
          });
      here.run();
      done.get();
    }
  }

  /** {@code bytes} divided as evenly as they can be; none of the shares is empty but for want. */
  static List<Long> shares(long bytes, int count) {
    List<Long> shares = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      shares.add(bytes / count + (i < bytes % count ? 1 : 0));
    }
    return shares;
  }

  /** {@code objects} dealt out to at most {@code hands}, none of which is empty. */
  static <T> List<List<T>> deal(List<T> objects, int hands) {
    List<List<T>> dealt = new ArrayList<>();
    for (int i = 0; i < objects.size(); i++) {
      if (i < hands) {
        dealt.add(new ArrayList<>());
      }
      dealt.get(i % hands).add(objects.get(i));
    }
    return dealt;
  }
}
