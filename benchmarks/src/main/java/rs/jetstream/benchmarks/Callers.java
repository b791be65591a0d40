package rs.jetstream.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Callers that block, each on a virtual thread. */
final class Callers {
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
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> callers = new ArrayList<>();
      for (int i = 0; i < atOnce; i++) {
        Operation operation = maker.make(i);
        callers.add(
            executor.submit(() -> {
              for (int index; (index = latencies.next()) >= 0; ) {
                long start = System.nanoTime();
                operation.run();
                latencies.record(index, start);
              }
              return null;
            }));
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
    }
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
}
