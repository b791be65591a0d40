package rs.jetstream.quic;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The calls of the C library, as Linux has them, by which tests make what a process inherits. */
@SuppressWarnings("restricted") // the product binds its own library alone
final class Posix {
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEPORT = 15;

  /** More than {@code posix_spawn_file_actions_t} has in any C library. */
  private static final int FILE_ACTIONS = 512;

  private Posix() {}

  /** A UDP socket that no child inherits by accident. */
  static int socket() {
    return call("socket", AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  }

  /** A UDP socket on a free port. */
  static int bound(String address) throws IOException {
    int socket = socket();
    bind(socket, address, 0);
    return socket;
  }

  static void bind(int socket, String address, int port) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      // struct sockaddr_in: family, port and address, the latter in network byte order.
      MemorySegment name = arena.allocate(16);
      name.set(JAVA_SHORT, 0, (short) AF_INET);
      name.set(JAVA_BYTE, 2, (byte) (port >> 8));
      name.set(JAVA_BYTE, 3, (byte) port);
      MemorySegment ip = MemorySegment.ofArray(InetAddress.getByName(address).getAddress());
      MemorySegment.copy(ip, 0, name, 4, 4);
      int ignored = call("bind", socket, name, 16);
    }
  }

  static int port(int socket) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(16);
      int ignored = call("getsockname", socket, name, arena.allocateFrom(JAVA_INT, 16));
      int high = Byte.toUnsignedInt(name.get(JAVA_BYTE, 2));
      return high << 8 | Byte.toUnsignedInt(name.get(JAVA_BYTE, 3));
    }
  }

  static void sharePort(int socket) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment on = arena.allocateFrom(JAVA_INT, 1);
      int ignored = call("setsockopt", socket, SOL_SOCKET, SO_REUSEPORT, on, 4);
    }
  }

  static void close(int descriptor) {
    int ignored = call("close", descriptor);
  }

  /** What the descriptor is at the moment, by a name that no other socket ever has. */
  static Optional<Path> meaning(int descriptor) throws IOException {
    try {
      return Optional.of(Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Starts a child without an environment, whose descriptor 3 is this one of ours. */
  static long spawn(int inherited, List<String> command) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment actions = arena.allocate(FILE_ACTIONS);
      int ignored = call("posix_spawn_file_actions_init", actions);
      ignored = call("posix_spawn_file_actions_adddup2", actions, inherited, 3);
      MemorySegment path = arena.allocateFrom(command.getFirst());
      MemorySegment none = MemorySegment.NULL;
      MemorySegment pid = arena.allocate(JAVA_INT);
      int failed =
          call(
              "posix_spawn",
              pid,
              path,
              actions,
              none,
              list(arena, command),
              list(arena, List.of()));
      ignored = call("posix_spawn_file_actions_destroy", actions);
      if (failed != 0) {
        throw new AssertionError("posix_spawn of " + command + " answered " + failed);
      }
      return pid.get(JAVA_INT, 0);
    }
  }

  /** The exit code of a child that has ended, which is forgotten then. */
  static int reap(long pid) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(JAVA_INT);
      int ignored = call("waitpid", (int) pid, status, 0);
      return status.get(JAVA_INT, 0) >> 8;
    }
  }

  private static MemorySegment list(Arena arena, List<String> texts) {
    MemorySegment list = arena.allocate(ADDRESS, texts.size() + 1L);
    for (int i = 0; i < texts.size(); i++) {
      list.setAtIndex(ADDRESS, i, arena.allocateFrom(texts.get(i)));
    }
    return list;
  }

  private static int call(String function, Object... arguments) {
    MemoryLayout[] types =
        Stream.of(arguments)
            .map(it -> it instanceof MemorySegment ? ADDRESS : JAVA_INT)
            .toArray(MemoryLayout[]::new);
    Linker linker = Linker.nativeLinker();
    MemorySegment address = linker.defaultLookup().find(function).orElseThrow();
    int answer;
    try {
      answer =
          (int)
              linker
                  .downcallHandle(address, FunctionDescriptor.of(JAVA_INT, types))
                  .invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
    if (answer < 0) {
      throw new AssertionError(function + " answered " + answer);
    }
    return answer;
  }
}
