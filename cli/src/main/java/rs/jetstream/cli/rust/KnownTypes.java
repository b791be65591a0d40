package rs.jetstream.cli.rust;

import java.util.Map;
import java.util.Set;

/** Types that Rust ends know by their names, and what they are in Java. */
final class KnownTypes {
  /** Those without arguments. */
  static final Map<String, JavaType> PLAIN =
      Map.ofEntries(
          Map.entry("bool", JavaType.primitive("Boolean", "boolean")),
          Map.entry("u8", JavaType.primitive("Integer", "int").annotated("U8")),
          Map.entry("u16", JavaType.primitive("Integer", "int").annotated("U16")),
          Map.entry("u32", JavaType.primitive("Long", "long").annotated("U32")),
          Map.entry("u64", JavaType.primitive("Long", "long").annotated("U64")),
          Map.entry("u128", JavaType.of(JavaType.WIRE + "UInt128")),
          Map.entry("i16", JavaType.primitive("Short", "short")),
          Map.entry("i32", JavaType.primitive("Integer", "int")),
          Map.entry("i64", JavaType.primitive("Long", "long")),
          Map.entry("i128", JavaType.of(JavaType.WIRE + "Int128")),
          Map.entry("f32", JavaType.primitive("Float", "float").withoutOrder()),
          Map.entry("f64", JavaType.primitive("Double", "double").withoutOrder()),
          Map.entry("String", JavaType.of("java.lang.String")),
          Map.entry("P9String", JavaType.of("java.lang.String").withCodec("P9StringCodec")),
          Map.entry("Data", JavaType.of("java.nio.ByteBuffer").annotated("Data")),
          Map.entry("Url", JavaType.of("java.net.URI")),
          Map.entry("SystemTime", JavaType.of("java.time.Instant")),
          Map.entry("IpAddr", JavaType.of("java.net.InetAddress")),
          Map.entry("Ipv4Addr", JavaType.of("java.net.Inet4Address")),
          Map.entry("Ipv6Addr", JavaType.of("java.net.Inet6Address")),
          Map.entry("SocketAddr", JavaType.of("java.net.InetSocketAddress")),
          Map.entry(
              "SocketAddrV4", JavaType.of("java.net.InetSocketAddress").withCodec("SocketV4Codec")),
          Map.entry(
              "SocketAddrV6",
              JavaType.of("java.net.InetSocketAddress").withCodec("SocketV6Codec")));

  static final JavaType UNIT = JavaType.of(JavaType.WIRE + "Unit");
  static final JavaType VEC_U8 = JavaType.of("java.nio.ByteBuffer").annotated("VecU8");
  static final JavaType CONTEXT = JavaType.of("rs.jetstream.rpc.RpcContext");

  /** Those of other types. */
  static final Map<String, JavaType> COMPOSED =
      Map.of(
          "Option", JavaType.of("java.util.Optional"),
          "Vec", JavaType.of("java.util.List"),
          "VecDeque", JavaType.of("java.util.List"),
          "BinaryHeap", JavaType.of("java.util.List"),
          "BTreeSet", JavaType.of("java.util.SortedSet").withoutOrder(),
          "HashSet", JavaType.of("java.util.Set").withoutOrder(),
          "BTreeMap", JavaType.of("java.util.SortedMap").withoutOrder(),
          "HashMap", JavaType.of("java.util.Map").withoutOrder());

  /** Those that hold a key and a value. */
  static final Set<String> OF_TWO = Set.of("BTreeMap", "HashMap");

  /** What to take instead of types that have no encoding. */
  private static final Map<String, String> ADVICE =
      Map.ofEntries(
          Map.entry("i8", "take i16 or u8"),
          Map.entry("char", "take String, or u32 for a code point"),
          Map.entry("usize", "it is as wide as the machine that sends it: take u32 or u64"),
          Map.entry("isize", "it is as wide as the machine that sends it: take i32 or i64"),
          Map.entry("str", "take String"),
          Map.entry("Duration", "take a u64 with the unit in its name"),
          Map.entry("Instant", "it means something on one machine alone: take SystemTime"),
          Map.entry("NaiveDateTime", "take SystemTime, or String"),
          Map.entry("DateTime", "take SystemTime"),
          Map.entry("Uuid", "take u128, or String"),
          Map.entry("Bytes", "take Data"),
          Map.entry("Cow", "take the type that is borrowed, String for str"),
          Map.entry("Arc", "take Box, or the type itself"),
          Map.entry("Rc", "take Box, or the type itself"),
          Map.entry("PathBuf", "take String"),
          Map.entry("OsString", "take String, or Data"),
          Map.entry("Result", "take an enum with both"),
          Map.entry("Value", "the wire says no types: name the type"),
          Map.entry("Self", "write the name of the type"));

  private KnownTypes() {}

  /** Why {@code name} is no type of a message. */
  static String refusal(String name) {
    String advice = ADVICE.get(name);
    return advice == null
        ? "nothing here declares " + name + ": import the file that does along with this one"
        : name + " has no encoding: " + advice;
  }

  /** What {@code codec}, which comes with a type above, delegates to: a type and a codec. */
  static Map.Entry<String, String> delegate(String codec) {
    return switch (codec) {
      case "P9StringCodec" -> Map.entry("java.lang.String", "P9_STRING");
      case "SocketV4Codec" -> Map.entry("java.net.InetSocketAddress", "SOCKET_V4");
      case "SocketV6Codec" -> Map.entry("java.net.InetSocketAddress", "SOCKET_V6");
      default -> throw new AssertionError(codec);
    };
  }
}
