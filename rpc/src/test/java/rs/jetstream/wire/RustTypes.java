package rs.jetstream.wire;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Codecs for types as the vectors spell them, {@code Option<Box<Point>>} say, and values as the
 * vectors spell those. Structs and tuples are lists of their fields.
 */
final class RustTypes {
  static final String POINT = "Point{x:i32,y:i32}";
  static final String PAIR = "Pair(u8,String)";
  static final String SHAPE =
      "Shape{0 Empty, 1 Circle(f64), 2 Rect{w:u32,h:u32}, 3 Path(Vec<Point>),"
          + " 4 Label(String,Option<Box<Point>>)}";

  private RustTypes() {}

  /** A codec, and how its values are spelled in JSON. */
  record RustType(Codec<Object> codec, FromJson fromJson) {
    Object value(JsonNode json) throws Exception {
      return fromJson.value(json);
    }
  }

  interface FromJson {
    Object value(JsonNode json) throws Exception;
  }

  @SuppressWarnings("unchecked") // the vectors name the types that their values have
  private static <T> RustType type(Codec<T> codec, FromJson fromJson) {
    return new RustType((Codec<Object>) (Codec<?>) codec, fromJson);
  }

  static RustType of(String text) {
    return switch (text) {
      case "u8" -> type(Codecs.U8, JsonNode::intValue);
      case "u16" -> type(Codecs.U16, JsonNode::intValue);
      case "u32" -> type(Codecs.U32, JsonNode::longValue);
      case "u64", "usize" -> type(Codecs.U64, json -> Long.parseUnsignedLong(json.textValue()));
      case "u128" -> type(Codecs.U128, json -> UInt128.of(new BigInteger(json.textValue())));
      case "i16" -> type(Codecs.I16, JsonNode::shortValue);
      case "i32" -> type(Codecs.I32, JsonNode::intValue);
      case "i64", "isize" -> type(Codecs.I64, json -> Long.parseLong(json.textValue()));
      case "i128" -> type(Codecs.I128, json -> Int128.of(new BigInteger(json.textValue())));
      case "f32" -> type(Codecs.F32, RustTypes::f32);
      case "f64" -> type(Codecs.F64, RustTypes::f64);
      case "bool" -> type(Codecs.BOOL, JsonNode::booleanValue);
      case "()", "Nothing" -> type(Codecs.UNIT, json -> Unit.INSTANCE);
      case "String" -> type(Codecs.STRING, RustTypes::text);
      case "P9String" -> type(Codecs.P9_STRING, RustTypes::text);
      case "Vec<u8>" -> type(Codecs.BYTES_BUFFER, RustTypes::bytes);
      case "Data" -> type(Codecs.DATA_BUFFER, RustTypes::bytes);
      case "IpAddr" -> type(Codecs.IP, json -> address(json.textValue()));
      case "Ipv4Addr" -> type(Codecs.IPV4, json -> address(json.textValue()));
      case "Ipv6Addr" -> type(Codecs.IPV6, json -> address(json.textValue()));
      case "SocketAddr" -> type(Codecs.SOCKET, RustTypes::socket);
      case "SocketAddrV4" -> type(Codecs.SOCKET_V4, RustTypes::socket);
      case "SocketAddrV6" -> type(Codecs.SOCKET_V6, RustTypes::socket);
      case "SystemTime" -> type(Codecs.INSTANT, RustTypes::time);
      case "Url" -> type(Codecs.URL, json -> URI.create(json.textValue()));
      case "Point" -> of(POINT);
      case "Pair" -> of(PAIR);
      case "Shape" -> of(SHAPE);
      case "(u8 x 12)" -> struct(java.util.Collections.nCopies(12, "u8"));
      case "Skips{a:u16,#[skip]cache:u32,b:u16}" -> of("Skips{a:u16,b:u16}");
      default -> composed(text);
    };
  }

  private static RustType composed(String text) {
    String inside =
        text.endsWith(">") ? text.substring(text.indexOf('<') + 1, text.length() - 1) : "";
    if (text.startsWith("Option<")) {
      RustType value = of(inside);
      return type(
          Codecs.optional(value.codec),
          json -> json.isNull() ? Optional.empty() : Optional.of(value.value(json.get("some"))));
    }
    if (text.startsWith("Box<")) {
      return of(inside);
    }
    if (text.startsWith("Vec<") || text.startsWith("VecDeque<") || text.startsWith("BinaryHeap<")) {
      RustType element = of(inside);
      return type(
          Codecs.list(element.codec),
          json -> {
            List<Object> list = new ArrayList<>();
            for (JsonNode item : json) {
              list.add(element.value(item));
            }
            return list;
          });
    }
    if (text.startsWith("BTreeSet<")) {
      RustType member = of(inside);
      return type(
          Codecs.sortedSet(key(member)),
          json -> {
            TreeSet<Object> set = new TreeSet<>(key(member));
            for (JsonNode item : json) {
              set.add(member.value(item));
            }
            return set;
          });
    }
    if (text.startsWith("BTreeMap<") || text.startsWith("HashMap<")) {
      List<String> types = split(inside);
      RustType key = of(types.get(0));
      RustType value = of(types.get(1));
      return type(
          Codecs.sortedMap(key(key), value.codec),
          json -> {
            TreeMap<Object, Object> map = new TreeMap<>(key(key));
            for (JsonNode entry : json) {
              map.put(key.value(entry.get(0)), value.value(entry.get(1)));
            }
            return map;
          });
    }
    if (text.startsWith("Shape{")) {
      return variants(text);
    }
    int open = text.indexOf(text.endsWith(")") ? '(' : '{');
    return struct(split(text.substring(open + 1, text.length() - 1)));
  }

  private static KeyCodec<Object> key(RustType type) {
    return (KeyCodec<Object>) type.codec;
  }

  /** Fields as {@code name:type}, or {@code type} where that is the name as well. */
  private static RustType struct(List<String> fields) {
    List<String> names = new ArrayList<>();
    List<RustType> types = new ArrayList<>();
    for (String field : fields) {
      String[] parts = field.split(":", 2);
      names.add(parts[0]);
      types.add(of(parts[parts.length - 1]));
    }
    return new RustType(
        new StructCodec(types.stream().map(RustType::codec).toList()),
        json -> {
          List<Object> values = new ArrayList<>();
          for (int i = 0; i < names.size(); i++) {
            values.add(types.get(i).value(json.isArray() ? json.get(i) : json.get(names.get(i))));
          }
          return values;
        });
  }

  private static RustType variants(String text) {
    List<String> names = new ArrayList<>();
    List<RustType> types = new ArrayList<>();
    for (String variant : split(text.substring(text.indexOf('{') + 1, text.length() - 1))) {
      String declared = variant.substring(variant.indexOf(' ') + 1);
      String name = declared.replaceFirst("[({].*", "");
      names.add(name);
      types.add(declared.equals(name) ? struct(List.of()) : of(declared));
    }
    return new RustType(
        new EnumCodec(types.stream().map(RustType::codec).toList()),
        json -> {
          String name = json.fieldNames().next();
          int index = names.indexOf(name);
          return List.of(index, types.get(index).value(json.get(name)));
        });
  }

  /** Splits at commas that are in no brackets. */
  static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += "<({".indexOf(c) >= 0 ? 1 : ">)}".indexOf(c) >= 0 ? -1 : 0;
      if (c == ',' && depth == 0) {
        parts.add(text.substring(start, i).strip());
        start = i + 1;
      }
    }
    if (start < text.length()) {
      parts.add(text.substring(start).strip());
    }
    return parts;
  }

  private static Object f32(JsonNode json) {
    JsonNode bits = json.get("bits");
    return bits == null
        ? (Object) json.floatValue()
        : Float.intBitsToFloat(Integer.parseUnsignedInt(bits.textValue(), 16));
  }

  private static Object f64(JsonNode json) {
    JsonNode bits = json.get("bits");
    return bits == null
        ? (Object) json.doubleValue()
        : Double.longBitsToDouble(Long.parseUnsignedLong(bits.textValue(), 16));
  }

  private static Object text(JsonNode json) {
    return json.isTextual()
        ? json.textValue()
        : json.get("repeat").textValue().repeat(json.get("count").intValue());
  }

  private static Object bytes(JsonNode json) {
    if (json.has("hex")) {
      return ByteBuffer.wrap(HexFormat.of().parseHex(json.get("hex").textValue()));
    }
    byte[] bytes = new byte[json.get("count").intValue()];
    java.util.Arrays.fill(bytes, (byte) json.get("repeat").intValue());
    return ByteBuffer.wrap(bytes);
  }

  private static InetAddress address(String text) throws Exception {
    if (text.startsWith("::ffff:")) {
      byte[] octets = new byte[16];
      octets[10] = octets[11] = (byte) 0xff;
      System.arraycopy(InetAddress.ofLiteral(text.substring(7)).getAddress(), 0, octets, 12, 4);
      return java.net.Inet6Address.getByAddress(null, octets, -1);
    }
    return InetAddress.ofLiteral(text);
  }

  private static Object socket(JsonNode json) throws Exception {
    String text = json.textValue();
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, colon).replace("[", "").replace("]", "");
    return new InetSocketAddress(address(host), Integer.parseInt(text.substring(colon + 1)));
  }

  private static Object time(JsonNode json) {
    BigInteger[] parts =
        new BigInteger(json.get("millis").textValue()).divideAndRemainder(BigInteger.valueOf(1000));
    return Instant.ofEpochSecond(parts[0].longValue(), parts[1].longValue() * 1_000_000);
  }

  private record StructCodec(List<Codec<Object>> fields) implements Codec<Object> {
    @Override
    public void write(WireWriter out, Object value) throws WireFormatException {
      out.enter();
      for (int i = 0; i < fields.size(); i++) {
        fields.get(i).write(out, ((List<?>) value).get(i));
      }
      out.leave();
    }

    @Override
    public Object read(WireReader in) throws WireFormatException {
      in.enter();
      List<Object> values = new ArrayList<>();
      for (Codec<Object> field : fields) {
        values.add(field.read(in));
      }
      in.leave();
      return values;
    }
  }

  private record EnumCodec(List<Codec<Object>> variants) implements Codec<Object> {
    @Override
    public void write(WireWriter out, Object value) throws WireFormatException {
      int index = (Integer) ((List<?>) value).get(0);
      out.writeVariant(index);
      variants.get(index).write(out, ((List<?>) value).get(1));
    }

    @Override
    public Object read(WireReader in) throws WireFormatException {
      int index = in.readVariant(variants.size());
      return List.of(index, variants.get(index).read(in));
    }
  }
}
