package rs.jetstream.interop;

import java.util.concurrent.CountDownLatch;

/** As jetstream-peer has it. */
final class FaultsHandler implements Faults {
  @Override
  public void nothing() {}

  @Override
  public void throwing() {
    throw new IllegalStateException("as a test asks");
  }

  @Override
  public void overflows() {
    if (descend(0) < 0) {
      throw new AssertionError();
    }
  }

  private static long descend(long depth) {
    return depth == Long.MAX_VALUE ? 0 : descend(depth + 1) + 1;
  }

  @Override
  public void exhausts() {
    long[][] all = new long[1 << 20][];
    for (int i = 0; i < all.length; i++) {
      all[i] = new long[Integer.MAX_VALUE - 8];
    }
  }

  @Override
  public void stays() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
