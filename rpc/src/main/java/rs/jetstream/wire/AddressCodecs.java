package rs.jetstream.wire;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import rs.jetstream.wire.WireFormatException.Kind;

/** Addresses: octets in network order, a port little-endian, and the family where it is open. */
final class AddressCodecs {
  private static final int V4 = 4;
  private static final int V6 = 6;

  static final KeyCodec<InetAddress> IP =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, InetAddress value) throws WireFormatException {
          out.writeU8(value instanceof Inet4Address ? V4 : V6);
          out.writeFully(value.getAddress());
        }

        @Override
        public InetAddress read(WireReader in) throws WireFormatException {
          return readAny(in);
        }

        @Override
        public int compare(InetAddress a, InetAddress b) {
          return compareAddresses(a, b);
        }
      };

  static final KeyCodec<Inet4Address> IPV4 =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, Inet4Address value) throws WireFormatException {
          out.writeFully(value.getAddress());
        }

        @Override
        public Inet4Address read(WireReader in) throws WireFormatException {
          return readV4(in);
        }

        @Override
        public int compare(Inet4Address a, Inet4Address b) {
          return compareAddresses(a, b);
        }
      };

  static final KeyCodec<Inet6Address> IPV6 =
      new KeyCodec<>() {
        @Override
        public void write(WireWriter out, Inet6Address value) throws WireFormatException {
          out.writeFully(value.getAddress());
        }

        @Override
        public Inet6Address read(WireReader in) throws WireFormatException {
          return readV6(in);
        }

        @Override
        public int compare(Inet6Address a, Inet6Address b) {
          return compareAddresses(a, b);
        }
      };

  static final KeyCodec<InetSocketAddress> SOCKET = new SocketCodec(0);
  static final KeyCodec<InetSocketAddress> SOCKET_V4 = new SocketCodec(V4);
  static final KeyCodec<InetSocketAddress> SOCKET_V6 = new SocketCodec(V6);

  private AddressCodecs() {}

  private static InetAddress readAny(WireReader in) throws WireFormatException {
    int family = in.readU8();
    return switch (family) {
      case V4 -> readV4(in);
      case V6 -> readV6(in);
      default -> throw in.failure(Kind.BAD_ADDRESS, "an address begins with 4 or 6");
    };
  }

  private static Inet4Address readV4(WireReader in) throws WireFormatException {
    byte[] octets = new byte[4];
    in.readFully(octets);
    try {
      return (Inet4Address) InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new AssertionError("four octets are an address", e);
    }
  }

  private static Inet6Address readV6(WireReader in) throws WireFormatException {
    byte[] octets = new byte[16];
    in.readFully(octets);
    try {
      // Not InetAddress.getByAddress: that turns a mapped address into IPv4. Without a scope.
      return Inet6Address.getByAddress(null, octets, -1);
    } catch (UnknownHostException e) {
      throw new AssertionError("sixteen octets are an address", e);
    }
  }

  private static int compareAddresses(InetAddress a, InetAddress b) {
    byte[] left = a.getAddress();
    byte[] right = b.getAddress();
    return left.length != right.length
        ? Integer.compare(left.length, right.length)
        : Arrays.compareUnsigned(left, right);
  }

  /** With the family before the octets, or of one family. */
  private record SocketCodec(int family) implements KeyCodec<InetSocketAddress> {
    @Override
    public void write(WireWriter out, InetSocketAddress value) throws WireFormatException {
      @Nullable InetAddress address = value.getAddress();
      if (address == null) {
        throw out.failure(Kind.BAD_ADDRESS, "the address is not resolved");
      }
      int its = address instanceof Inet4Address ? V4 : V6;
      if (family == 0) {
        out.writeU8(its);
      } else if (family != its) {
        throw out.failure(Kind.BAD_ADDRESS, "the address is not of IPv" + family);
      }
      out.writeFully(address.getAddress());
      out.writeU16(value.getPort());
    }

    @Override
    public InetSocketAddress read(WireReader in) throws WireFormatException {
      InetAddress address =
          switch (family) {
            case V4 -> readV4(in);
            case V6 -> readV6(in);
            default -> readAny(in);
          };
      return new InetSocketAddress(address, in.readU16());
    }

    @Override
    public int compare(InetSocketAddress a, InetSocketAddress b) {
      int order = compareAddresses(a.getAddress(), b.getAddress());
      return order != 0 ? order : Integer.compare(a.getPort(), b.getPort());
    }
  }
}
