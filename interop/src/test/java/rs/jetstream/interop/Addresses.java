package rs.jetstream.interop;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import rs.jetstream.wire.WireCodec;

/** Addresses of all kinds. */
public record Addresses(
    Inet4Address ipv4,
    Inet6Address ipv6,
    InetAddress ip,
    @WireCodec(SocketV4Codec.class) InetSocketAddress socketV4,
    @WireCodec(SocketV6Codec.class) InetSocketAddress socketV6,
    InetSocketAddress socket) {}
