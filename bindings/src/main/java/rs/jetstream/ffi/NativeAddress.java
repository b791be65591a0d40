package rs.jetstream.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import rs.jetstream.ffi.raw.jetstream_address;

/** An address on its way over the boundary. */
public record NativeAddress(InetSocketAddress address) {

  static NativeAddress read(MemorySegment segment) {
    byte[] ip = jetstream_address.ip(segment).toArray(JAVA_BYTE);
    int port = Short.toUnsignedInt(jetstream_address.port(segment));
    try {
      InetAddress inet =
          jetstream_address.family(segment) == 4
              ? InetAddress.getByAddress(Arrays.copyOf(ip, 4))
              : Inet6Address.getByAddress(null, ip, jetstream_address.scope_id(segment));
      return new NativeAddress(new InetSocketAddress(inet, port));
    } catch (UnknownHostException e) {
      throw new AssertionError("4 and 16 bytes are always an address", e);
    }
  }

  static void write(InetSocketAddress address, MemorySegment segment) {
    InetAddress inet = address.getAddress();
    if (inet == null) {
      throw new IllegalArgumentException("address " + address + " is not resolved");
    }
    segment.fill((byte) 0);
    MemorySegment.copy(
        MemorySegment.ofArray(inet.getAddress()),
        0,
        jetstream_address.ip(segment),
        0,
        inet.getAddress().length);
    jetstream_address.port(segment, (short) address.getPort());
    jetstream_address.family(segment, (byte) (inet instanceof Inet4Address ? 4 : 6));
    if (inet instanceof Inet6Address v6) {
      jetstream_address.scope_id(segment, v6.getScopeId());
    }
  }
}
