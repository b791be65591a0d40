package rs.jetstream.ffi;

/** Whether code runs where it must not wait. */
public final class EndpointThread {
  private static final ThreadLocal<Boolean> MARK = new ThreadLocal<>();

  private EndpointThread() {}

  static void mark() {
    MARK.set(true);
  }

  /** Whether the calling thread is one of an endpoint: nothing can end a wait there. */
  public static boolean isCurrent() {
    // Asked first: a virtual thread would get a table of thread locals by the look.
    return !Thread.currentThread().isVirtual() && MARK.get() != null;
  }
}
