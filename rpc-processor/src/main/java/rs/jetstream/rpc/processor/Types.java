package rs.jetstream.rpc.processor;

import java.util.Map;

/** Types of the JDK that the wire carries, and advice for some that it does not. */
final class Types {
  static final String WIRE = "rs.jetstream.wire.";
  static final String RPC = "rs.jetstream.rpc.";

  /** Those that class Codecs has a codec for. */
  static final Map<String, String> READY =
      Map.of(
          "java.time.Instant",
          "INSTANT",
          "java.net.URI",
          "URL",
          "java.net.InetAddress",
          "IP",
          "java.net.Inet4Address",
          "IPV4",
          "java.net.Inet6Address",
          "IPV6",
          "java.net.InetSocketAddress",
          "SOCKET",
          WIRE + "UInt128",
          "U128",
          WIRE + "Int128",
          "I128",
          WIRE + "Unit",
          "UNIT");

  /** Those that are made of others, with the method of class Codecs. */
  static final Map<String, String> COMPOSED =
      Map.of(
          "java.util.Optional", "optional",
          "java.util.List", "list",
          "java.util.Set", "set",
          "java.util.SortedSet", "sortedSet",
          "java.util.Map", "map",
          "java.util.SortedMap", "sortedMap");

  /** What to take instead of a type that has no encoding. */
  private static final Map<String, String> ADVICE =
      Map.ofEntries(
          Map.entry("java.lang.Object", "the wire says no types: name the type"),
          Map.entry("java.math.BigInteger", "take UInt128 or Int128"),
          Map.entry("java.util.OptionalInt", "take Optional<Integer>"),
          Map.entry("java.util.OptionalLong", "take Optional<Long>"),
          Map.entry("java.util.OptionalDouble", "take Optional<Double>"),
          Map.entry("java.util.Collection", "take List or Set"),
          Map.entry("java.lang.Iterable", "take List"),
          Map.entry("java.util.ArrayList", "take List"),
          Map.entry("java.util.LinkedList", "take List"),
          Map.entry("java.util.HashSet", "take Set"),
          Map.entry("java.util.TreeSet", "take SortedSet"),
          Map.entry("java.util.HashMap", "take Map"),
          Map.entry("java.util.LinkedHashMap", "take Map"),
          Map.entry("java.util.TreeMap", "take SortedMap"),
          Map.entry("java.lang.CharSequence", "take String"),
          Map.entry("java.util.Date", "take Instant"),
          Map.entry("java.net.URL", "take URI"),
          Map.entry("java.time.Duration", "take a long with the unit in its name"),
          Map.entry("java.lang.Void", "take Unit"));

  private static final String OWN =
      "write a Codec and name it with @WireCodec, or in a registry, @WireCodecs";

  private Types() {}

  static String advice(String type) {
    return ADVICE.getOrDefault(type, OWN);
  }
}
