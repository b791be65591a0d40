package rs.jetstream.quic;

import java.nio.file.Path;
import java.util.Optional;
import rs.jetstream.ffi.EndpointThread;
import rs.jetstream.ffi.NativeLibrary;

/**
 * The native library of this process: loaded on first use, once, and never unloaded. Any thread.
 *
 * <p>It is taken from {@code -Djetstream.native.path} when that is set, else from the copy in the
 * jar.
 */
public final class JetStreamLibrary {
  /**
   * What the library was built from.
   *
   * @param path the file that was loaded
   * @param abi version of the boundary between Java and native code
   */
  public record Versions(
      Path path,
      int abi,
      String version,
      String s2nQuic,
      String s2nTls,
      String awsLc,
      String target) {}

  /**
   * What is alive in this process, for leak checks and monitoring.
   *
   * @param allocatedBytes of Rust and s2n-tls; aws-lc, stacks and kernel buffers are not seen
   * @param endpointThreads native threads that have not ended
   * @param panics that were caught at a boundary since the start
   * @param leasedBytes of the allocated, those that leases of live connections pin
   * @param claimedBytes of the allocated, those of claims of live connections
   * @param sendBufferedBytes of the allocated, those that live connections keep until their peers
   *     acknowledge them
   */
  public record Counters(
      long endpoints,
      long connects,
      long connections,
      long streams,
      long leases,
      long claims,
      long allocatedBytes,
      long endpointThreads,
      long panics,
      long leasedBytes,
      long claimedBytes,
      long sendBufferedBytes) {}

  private JetStreamLibrary() {}

  /**
   * Whether the calling thread is an endpoint's own, on which nothing may wait: that of a {@link
   * RequestHandler}, {@link AnswerHandler} or {@link FrameHandler}.
   */
  @Experimental
  public static boolean isEndpointThread() {
    return EndpointThread.isCurrent();
  }

  /** Whether the library can be used in this process. */
  public static boolean isAvailable() {
    return NativeLibrary.isAvailable();
  }

  /** Why it cannot be used: all that was tried, and the fix. */
  public static Optional<Throwable> unavailabilityCause() {
    return NativeLibrary.unavailabilityCause();
  }

  /**
   * Tells what the library was built from.
   *
   * @throws UnsatisfiedLinkError when it cannot be loaded
   */
  public static Versions versions() {
    NativeLibrary.Versions it = NativeLibrary.versions();
    return new Versions(
        it.path(), it.abi(), it.version(), it.s2nQuic(), it.s2nTls(), it.awsLc(), it.target());
  }

  /**
   * Counts what is alive.
   *
   * @throws UnsatisfiedLinkError when it cannot be loaded
   */
  public static Counters counters() {
    NativeLibrary.Counters it = NativeLibrary.counters();
    return new Counters(
        it.endpoints(),
        it.connects(),
        it.connections(),
        it.streams(),
        it.leases(),
        it.claims(),
        it.allocatedBytes(),
        it.endpointThreads(),
        it.panics(),
        it.leasedBytes(),
        it.claimedBytes(),
        it.sendBufferedBytes());
  }
}
