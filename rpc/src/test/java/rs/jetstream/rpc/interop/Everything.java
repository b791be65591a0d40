package rs.jetstream.rpc.interop;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import rs.jetstream.wire.Data;
import rs.jetstream.wire.U16;
import rs.jetstream.wire.U32;
import rs.jetstream.wire.U64;
import rs.jetstream.wire.U8;
import rs.jetstream.wire.VecU8;

/** A field of every kind. */
public record Everything(
    boolean flag,
    @U8 int u8,
    @U16 int u16,
    @U32 long u32,
    @U64 long u64,
    short i16,
    int i32,
    long i64,
    float f32,
    double f64,
    String text,
    List<@U32 Long> list,
    List<Short> deque,
    @VecU8 ByteBuffer bytes,
    @Data ByteBuffer data,
    @Nullable String maybe,
    Map<String, @U32 Long> map,
    Set<@U16 Integer> set,
    Pair pair,
    Shape shape,
    InetAddress ip,
    InetSocketAddress socket,
    Instant at,
    URI url) {}
