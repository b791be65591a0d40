package rs.jetstream.ffi;

/** Whom the endpoint's own thread may do work for, once all that were woken with it are told. */
public interface Working extends Wakeable {
  /** Whether {@link #work} is due after {@link #wake}. */
  boolean hasWork(int operation);

  /**
   * Does what there is to do.
   *
   * <p>Called on the endpoint's native thread, without a lock held. It may use the library and call
   * code of a user, and must not wait.
   */
  void work(int operation);
}
