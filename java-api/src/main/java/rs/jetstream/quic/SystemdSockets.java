package rs.jetstream.quic;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sockets that systemd has bound for this process, as sd_listen_fds(3) tells of them: a restart of
 * the service loses neither the port nor the packets that come meanwhile.
 *
 * {@snippet :
 * // ListenDatagram=4433 and FileDescriptorName=quic in the .socket unit
 * QuicServer server =
 *     QuicServer.builder()
 *         .identity(identity)
 *         .trust(clients)
 *         .inheritedSockets(SystemdSockets.named("quic"))
 *         .open();
 * }
 *
 * <p>The environment is read when the program asks, and by nothing else. Any thread.
 *
 * <h2>Common issues</h2>
 *
 * <ul>
 *   <li>There are none: systemd started a script, and the script Java. It must do so by {@code
 *       exec}, for the sockets are passed to one process by its id.
 *   <li>BAD_SOCKET: the unit says ListenStream, where QUIC needs ListenDatagram.
 * </ul>
 */
public final class SystemdSockets {
  /** SD_LISTEN_FDS_START. */
  private static final int FIRST = 3;

  private SystemdSockets() {}

  /**
   * Descriptors of all sockets that were passed, in the order of the units; empty when none were
   * passed to this process.
   *
   * @throws IllegalStateException when the environment is not as systemd writes it
   */
  public static int[] all() {
    return of(System.getenv(), ProcessHandle.current().pid(), null);
  }

  /**
   * As {@link #all()}, of those with this name alone: FileDescriptorName in the unit, or else the
   * unit's own name.
   */
  public static int[] named(String name) {
    return of(System.getenv(), ProcessHandle.current().pid(), name);
  }

  static int[] of(Map<String, String> environment, long pid, @Nullable String name) {
    String owner = environment.get("LISTEN_PID");
    // What was passed to a parent is none of ours, though its environment is.
    if (owner == null || number("LISTEN_PID", owner) != pid) {
      return new int[0];
    }
    long count = number("LISTEN_FDS", environment.getOrDefault("LISTEN_FDS", "0"));
    if (count < 0 || count > Integer.MAX_VALUE - FIRST) {
      throw new IllegalStateException(
          "LISTEN_FDS is " + Long.toUnsignedString(count) + ", more than descriptors can be");
    }
    String names = environment.get("LISTEN_FDNAMES");
    List<String> each =
        names == null
            ? Collections.nCopies((int) count, "unknown")
            : Arrays.asList(names.split(":", -1));
    if (names != null && each.size() != count) {
      throw new IllegalStateException(
          "LISTEN_FDS is " + count + ", but LISTEN_FDNAMES has " + each.size() + " names");
    }
    return IntStream.range(0, (int) count)
        .filter(i -> name == null || name.equals(each.get(i)))
        .map(i -> FIRST + i)
        .toArray();
  }

  private static long number(String variable, String text) {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalStateException(variable + " is '" + text + "', must be a number", e);
    }
  }
}
