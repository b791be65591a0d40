package rs.jetstream.wire;

import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A codec for every type of the format.
 *
 * <p>Named after the types in Rust. A tuple is a record: both are their members one after the
 * other. What a decoder returns is immutable, but arrays.
 */
public final class Codecs {
  /** {@code ()}: no bytes. */
  public static final KeyCodec<Unit> UNIT = ScalarCodecs.UNIT;

  /** {@code bool}. */
  // r[impl jetstream.wireformat.bool]
  public static final KeyCodec<Boolean> BOOL = ScalarCodecs.BOOL;

  /** {@code u8}, 0 to 255. */
  // r[impl jetstream.wireformat.u8]
  public static final KeyCodec<Integer> U8 = ScalarCodecs.U8;

  /** {@code u16}, 0 to 65,535. */
  // r[impl jetstream.wireformat.u16]
  public static final KeyCodec<Integer> U16 = ScalarCodecs.U16;

  /** {@code u32}, 0 to 4,294,967,295. */
  // r[impl jetstream.wireformat.u32]
  public static final KeyCodec<Long> U32 = ScalarCodecs.U32;

  /** {@code u64}, its bits in a long: negative from 2^63 on, and ordered as unsigned. */
  // r[impl jetstream.wireformat.u64]
  public static final KeyCodec<Long> U64 = ScalarCodecs.U64;

  /** {@code u128}. */
  // r[impl jetstream.wireformat.u128]
  public static final KeyCodec<UInt128> U128 = ScalarCodecs.U128;

  /** {@code i16}. */
  // r[impl jetstream.wireformat.i16]
  public static final KeyCodec<Short> I16 = ScalarCodecs.I16;

  /** {@code i32}. */
  // r[impl jetstream.wireformat.i32]
  public static final KeyCodec<Integer> I32 = ScalarCodecs.I32;

  /** {@code i64}. */
  // r[impl jetstream.wireformat.i64]
  public static final KeyCodec<Long> I64 = ScalarCodecs.I64;

  /** {@code i128}. */
  // r[impl jetstream.wireformat.i128]
  public static final KeyCodec<Int128> I128 = ScalarCodecs.I128;

  /** {@code f32}, bit by bit. */
  // r[impl jetstream.wireformat.f32]
  public static final Codec<Float> F32 = ScalarCodecs.F32;

  /** {@code f64}, bit by bit. */
  // r[impl jetstream.wireformat.f64]
  public static final Codec<Double> F64 = ScalarCodecs.F64;

  /** {@code String}: at most 65,535 bytes of UTF-8, ordered by them. */
  // r[impl jetstream.wireformat.string]
  public static final KeyCodec<String> STRING = ScalarCodecs.STRING;

  /** {@code P9String}: a {@code String} without NUL. */
  // r[impl jetstream.wireformat.p9string]
  public static final KeyCodec<String> P9_STRING = ScalarCodecs.P9_STRING;

  /** {@code SystemTime}: milliseconds since 1970, finer digits cut, nothing earlier. */
  // r[impl jetstream.wireformat.system-time]
  public static final KeyCodec<Instant> INSTANT = ScalarCodecs.INSTANT;

  /** {@code Url}: an absolute URL, written in the spelling that browsers give it. */
  // r[impl jetstream.wireformat.url]
  public static final KeyCodec<URI> URL = new UrlCodec();

  /** {@code Data}: up to 32 MiB; read-only when read, and a slice where the reader lends. */
  // r[impl jetstream.wireformat.data]
  public static final KeyCodec<MemorySegment> DATA = ByteCodecs.DATA;

  /** {@code Data} as an array. */
  public static final KeyCodec<byte[]> DATA_ARRAY = ByteCodecs.DATA_ARRAY;

  /** {@code Data} as a buffer, from its position to its limit; as {@link #DATA} when read. */
  public static final KeyCodec<ByteBuffer> DATA_BUFFER = ByteCodecs.DATA_BUFFER;

  /** {@code Vec<u8>}: up to 65,535 bytes; read-only when read. */
  // r[impl jetstream.wireformat.vec]
  public static final KeyCodec<MemorySegment> BYTES = ByteCodecs.BYTES;

  /** {@code Vec<u8>} as an array. */
  public static final KeyCodec<byte[]> BYTES_ARRAY = ByteCodecs.BYTES_ARRAY;

  /** {@code Vec<u8>} as a buffer, from its position to its limit. */
  public static final KeyCodec<ByteBuffer> BYTES_BUFFER = ByteCodecs.BYTES_BUFFER;

  /** {@code IpAddr}. An IPv4-mapped IPv6 address stays what it is; a scope is lost. */
  // r[impl jetstream.wireformat.ip-addr]
  public static final KeyCodec<InetAddress> IP = AddressCodecs.IP;

  /** {@code Ipv4Addr}. */
  public static final KeyCodec<Inet4Address> IPV4 = AddressCodecs.IPV4;

  /** {@code Ipv6Addr}. */
  public static final KeyCodec<Inet6Address> IPV6 = AddressCodecs.IPV6;

  /** {@code SocketAddr}: resolved; a scope is lost. */
  // r[impl jetstream.wireformat.socket-addr]
  public static final KeyCodec<InetSocketAddress> SOCKET = AddressCodecs.SOCKET;

  /** {@code SocketAddrV4}. */
  public static final KeyCodec<InetSocketAddress> SOCKET_V4 = AddressCodecs.SOCKET_V4;

  /** {@code SocketAddrV6}. */
  public static final KeyCodec<InetSocketAddress> SOCKET_V6 = AddressCodecs.SOCKET_V6;

  private Codecs() {}

  /** {@code Option<T>} as an {@link Optional}. */
  // r[impl jetstream.wireformat.option]
  public static <T> Codec<Optional<T>> optional(Codec<T> value) {
    return new OptionCodecs.OfOptional<>(value);
  }

  /** {@code Option<T>} with an order: what is absent comes first. */
  public static <T> KeyCodec<Optional<T>> optional(KeyCodec<T> value) {
    return new OptionCodecs.OfKey<>(value);
  }

  /** {@code Option<T>} as a value or null. */
  public static <T> Codec<@Nullable T> nullable(Codec<T> value) {
    return new OptionCodecs.OfNullable<>(value);
  }

  /** {@code Vec<T>}, {@code VecDeque<T>} and {@code BinaryHeap<T>}: up to 65,535 elements. */
  // r[impl jetstream.wireformat.vec]
  public static <T> Codec<List<T>> list(Codec<T> element) {
    return new ListCodec.Of<>(element);
  }

  /** {@code Vec<T>} with an order: element by element, the shorter first. */
  public static <T> KeyCodec<List<T>> list(KeyCodec<T> element) {
    return new ListCodec.OfKeys<>(element);
  }

  /**
   * {@code BTreeSet<T>} and {@code HashSet<T>}: written in ascending order; read in any, repeated
   * members merged.
   */
  // r[impl jetstream.wireformat.set]
  public static <T> Codec<Set<T>> set(KeyCodec<T> member) {
    return new SetCodec.Unordered<>(member);
  }

  /** As {@link #set}. */
  public static <T> Codec<SortedSet<T>> sortedSet(KeyCodec<T> member) {
    return new SetCodec.Sorted<>(member);
  }

  /**
   * {@code BTreeMap<K, V>} and {@code HashMap<K, V>}: written in ascending order of the keys; read
   * in any, the last of a repeated key wins.
   */
  // r[impl jetstream.wireformat.map]
  public static <K, V> Codec<Map<K, V>> map(KeyCodec<K> key, Codec<V> value) {
    return new MapCodec.Unordered<>(key, value);
  }

  /** As {@link #map}. */
  public static <K, V> Codec<SortedMap<K, V>> sortedMap(KeyCodec<K> key, Codec<V> value) {
    return new MapCodec.Sorted<>(key, value);
  }

  /** A codec that is looked up when it is first used: what types that hold each other need. */
  public static <T> Codec<T> deferred(Supplier<Codec<T>> codec) {
    return new DeferredCodec<>(codec);
  }

  /**
   * A codec that is not ours: whatever unchecked exception it throws while it reads or writes
   * becomes a {@link WireFormatException} of kind REFUSED.
   */
  public static <T> Codec<T> guarded(Codec<T> codec) {
    return new GuardedCodec.Of<>(codec);
  }

  /** As {@link #guarded(Codec)}, with the codec's order. */
  public static <T> KeyCodec<T> guarded(KeyCodec<T> codec) {
    return new GuardedCodec.OfKey<>(codec);
  }
}
