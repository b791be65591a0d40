package rs.jetstream.quic;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeEndpoint;
import rs.jetstream.ffi.NativeStatus;
import rs.jetstream.quic.JetStreamException.Kind;

/** Sockets that were bound before this process began. */
final class InheritedSockets {
  /** Those below are standard input, output and error. */
  private static final int FIRST = 3;

  private InheritedSockets() {}

  /** A copy of the descriptors, which could be those of sockets, each once. */
  static int[] checked(int... descriptors) {
    for (int descriptor : descriptors) {
      if (descriptor < FIRST) {
        throw new IllegalArgumentException(
            "the descriptor of a socket is " + descriptor + ", must be " + FIRST + " or more");
      }
    }
    if (Arrays.stream(descriptors).distinct().count() < descriptors.length) {
      throw new IllegalArgumentException(
          "a descriptor is twice among " + Arrays.toString(descriptors));
    }
    return descriptors.clone();
  }

  /** The one address of all, on which endpoints can be opened; nothing is changed on them. */
  static InetSocketAddress address(String about, int... descriptors) throws IOException {
    InetSocketAddress first = address(about, descriptors[0]);
    for (int descriptor : descriptors) {
      InetSocketAddress address = address(about, descriptor);
      if (!address.equals(first)) {
        throw new ConnectionException(
            "%s failed: descriptor %d is bound to %s, descriptor %d to %s"
                .formatted(about, descriptors[0], first, descriptor, address),
            Kind.BAD_SOCKET);
      }
    }
    return first;
  }

  private static InetSocketAddress address(String about, int descriptor) throws IOException {
    Block block = Block.take();
    try {
      InetSocketAddress[] out = new InetSocketAddress[1];
      int status = NativeEndpoint.inspectSocket(descriptor, out, block);
      if (status != NativeStatus.OK) {
        throw Failures.of(about, block.failure(status));
      }
      return out[0];
    } finally {
      block.give();
    }
  }
}
