package rs.jetstream.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.raw.jetstream_counters;
import rs.jetstream.ffi.raw.jetstream_h;
import rs.jetstream.ffi.raw.jetstream_library_info;

/**
 * The native library of this process: loaded once, on first use, and never unloaded.
 *
 * <p>It is taken from {@code -Djetstream.native.path} when that is set, else from the copy in the
 * jar. Any thread.
 */
public final class NativeLibrary {
  /** The ABI that these bindings were made for. */
  public static final int ABI_VERSION = 1;

  /** What the library was built from. */
  public record Versions(
      Path path,
      int abi,
      String version,
      String s2nQuic,
      String s2nTls,
      String awsLc,
      String target) {}

  /**
   * Live objects of the process by kind.
   *
   * @param allocatedBytes of Rust and s2n-tls; aws-lc, stacks and kernel buffers are not seen
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

  private NativeLibrary() {}

  /** Whether the library can be used in this process; loads it. */
  public static boolean isAvailable() {
    return Loaded.CAUSE == null;
  }

  /** Why it cannot be used: all that was tried, and the fix. */
  public static Optional<Throwable> unavailabilityCause() {
    return Optional.ofNullable(Loaded.CAUSE);
  }

  /**
   * Loads the library if it is not loaded.
   *
   * @throws UnsatisfiedLinkError when it cannot be, with all that was tried and the fix
   */
  public static void load() {
    UnsatisfiedLinkError cause = Loaded.CAUSE;
    if (cause != null) {
      UnsatisfiedLinkError error = new UnsatisfiedLinkError(cause.getMessage());
      error.initCause(cause);
      throw error;
    }
  }

  /** Tells what the library was built from. */
  public static Versions versions() {
    load();
    Block block = Block.take();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = jetstream_library_info.allocate(arena);
      jetstream_library_info.size(info, (int) jetstream_library_info.sizeof());
      check(jetstream_h.jetstream_library_describe(info, block.error), block);
      return new Versions(
          java.util.Objects.requireNonNull(Loaded.PATH),
          jetstream_library_info.abi_version(info),
          NativeConnection.text(jetstream_library_info.version(info)),
          NativeConnection.text(jetstream_library_info.s2n_quic(info)),
          NativeConnection.text(jetstream_library_info.s2n_tls(info)),
          NativeConnection.text(jetstream_library_info.aws_lc(info)),
          NativeConnection.text(jetstream_library_info.target(info)));
    } finally {
      block.give();
    }
  }

  /** Counts live objects. */
  public static Counters counters() {
    load();
    Block block = Block.take();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment counters = jetstream_counters.allocate(arena);
      jetstream_counters.size(counters, (int) jetstream_counters.sizeof());
      check(jetstream_h.jetstream_counters_read(counters, block.error), block);
      return new Counters(
          jetstream_counters.endpoints(counters),
          jetstream_counters.connects(counters),
          jetstream_counters.connections(counters),
          jetstream_counters.streams(counters),
          jetstream_counters.leases(counters),
          jetstream_counters.claims(counters),
          jetstream_counters.allocated_bytes(counters),
          jetstream_counters.endpoint_threads(counters),
          jetstream_counters.panics(counters),
          jetstream_counters.leased_bytes(counters),
          jetstream_counters.claimed_bytes(counters),
          jetstream_counters.send_buffered_bytes(counters));
    } finally {
      block.give();
    }
  }

  /**
   * Sizes and offsets as the library was compiled: a line {@code struct size} or {@code
   * struct.field offset} each.
   */
  public static String layouts() {
    load();
    Block block = Block.take();
    try (Arena arena = Arena.ofConfined()) {
      check(jetstream_h.jetstream_layouts(block.out0, block.out1, block.error), block);
      byte[] text = block.pointer0(block.long1(), arena).toArray(JAVA_BYTE);
      return new String(text, StandardCharsets.UTF_8);
    } finally {
      block.give();
    }
  }

  private static void check(int status, Block block) {
    if (status != NativeStatus.OK) {
      throw new IllegalStateException(block.failure(status).message());
    }
  }

  /** Does the loading, once. */
  private static final class Loaded {
    static final @Nullable Path PATH;
    static final @Nullable UnsatisfiedLinkError CAUSE;

    static {
      Path path = null;
      UnsatisfiedLinkError cause = null;
      try {
        path = NativeLoader.load();
        checkAbi(path);
        // Threads of endpoints outlive the JVM's wish to end: none of them may call into it any
        // more.
        Runtime.getRuntime().addShutdownHook(new Thread(Loaded::stopWaking, "jetstream-stop"));
      } catch (UnsatisfiedLinkError e) {
        cause = e;
      }
      PATH = path;
      CAUSE = cause;
    }

    private static void checkAbi(Path path) {
      int abi;
      try {
        abi = jetstream_h.jetstream_abi_version();
      } catch (LinkageError e) {
        throw NativeLoader.failed(
            List.of(path + " is not a native library of JetStream: " + e.getMessage()),
            e,
            "point -D"
                + NativeLoader.PATH_PROPERTY
                + " to the file that build-native.sh made, or remove it");
      }
      if (abi != ABI_VERSION) {
        String why = " speaks ABI " + abi + ", these bindings speak " + ABI_VERSION;
        throw NativeLoader.failed(
            List.of(path + why), null, "use a library and a jar of the same release");
      }
    }

    private static void stopWaking() {
      int ignored = jetstream_h.jetstream_stop_waking(MemorySegment.NULL);
    }
  }
}
