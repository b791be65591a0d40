package rs.jetstream.interop;

import java.net.InetSocketAddress;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.Codecs;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/** A socket address that is always of IPv4, without a tag. */
public final class SocketV4Codec implements Codec<InetSocketAddress> {
  @Override
  public void write(WireWriter out, InetSocketAddress value) throws WireFormatException {
    Codecs.SOCKET_V4.write(out, value);
  }

  @Override
  public InetSocketAddress read(WireReader in) throws WireFormatException {
    return Codecs.SOCKET_V4.read(in);
  }
}
