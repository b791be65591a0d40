package rs.jetstream.ffi;

/** An object whose operations the native half wakes. */
@FunctionalInterface
public interface Wakeable {
  /**
   * Operation {@code operation} may go on: poll it again.
   *
   * <p>Called on the endpoint's native thread. Sets a flag and unparks, nothing else: no lock, no
   * native call, no code of a user, and no exception, which would end the JVM.
   */
  void wake(int operation);
}
