package rs.jetstream.interop;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import rs.jetstream.wire.Int128;
import rs.jetstream.wire.UInt128;
import rs.jetstream.wire.Unit;

/** Random values of every type, from a seed that a failed run can be repeated with. */
final class RandomValues {
  private static final int[] CHARACTERS = {
    'a', 'Z', '0', ' ', 0, '\n', 'é', 'ß', '→', 0xffff, 0x10000, 0x1f600
  };

  /** Milliseconds from 1970 to the year 9999. */
  private static final long LAST_MILLI = 253_402_300_799_999L;

  private static final List<Color> COLORS = List.copyOf(EnumSet.allOf(Color.class));

  private final Random random;

  RandomValues(long seed) {
    random = new Random(seed);
  }

  /** Small values, extremes and everything between them. */
  private long number() {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(3);
      case 1 -> -1L - random.nextInt(3);
      case 2 -> 1L << random.nextInt(64);
      default -> random.nextLong();
    };
  }

  private long u32() {
    return number() & 0xffff_ffffL;
  }

  private int u16() {
    return (int) number() & 0xffff;
  }

  private BigInteger wide(boolean signed) {
    byte[] bytes = ByteBuffer.allocate(16).putLong(number()).putLong(number()).array();
    return signed ? new BigInteger(bytes) : new BigInteger(1, bytes);
  }

  private <T> List<T> many(Supplier<T> make) {
    List<T> list = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      list.add(make.get());
    }
    return list;
  }

  private <K, V> Map<K, V> entries(Map<K, V> map, Supplier<K> key, Supplier<V> value) {
    for (int i = random.nextInt(6); i > 0; i--) {
      map.put(key.get(), value.get());
    }
    return map;
  }

  private <K, V> SortedMap<K, V> sorted(
      Comparator<? super K> order, Supplier<K> key, Supplier<V> value) {
    return (SortedMap<K, V>) entries(new TreeMap<>(order), key, value);
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      text.appendCodePoint(CHARACTERS[random.nextInt(CHARACTERS.length)]);
    }
    return text.toString();
  }

  private ByteBuffer bytes() {
    byte[] bytes = new byte[random.nextInt(300)];
    random.nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }

  private Inet4Address ipv4() {
    return (Inet4Address) address(ByteBuffer.allocate(4).putInt((int) number()).array());
  }

  private Inet6Address ipv6() {
    // Not an address of IPv4 in disguise, which Java takes for one.
    byte[] bytes = ByteBuffer.allocate(16).putLong(number()).putLong(number()).array();
    bytes[0] |= (byte) 0x80;
    return (Inet6Address) address(bytes);
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private Scalars scalars() {
    return new Scalars(
        (int) number() & 0xff,
        u16(),
        u32(),
        number(),
        UInt128.of(wide(false)),
        (short) number(),
        (int) number(),
        number(),
        Int128.of(wide(true)),
        Float.intBitsToFloat((int) number()),
        Double.longBitsToDouble(number()),
        random.nextBoolean(),
        Unit.INSTANCE);
  }

  private Texts texts() {
    return new Texts(
        text(),
        URI.create(
            "https://host%d.example/path/%d?q=%d"
                .formatted(random.nextInt(10), random.nextInt(1000), random.nextInt(10))),
        Instant.ofEpochMilli((long) (random.nextDouble() * LAST_MILLI)),
        bytes(),
        bytes());
  }

  private Collections collections() {
    // As it lies in a heap that was filled in this order.
    List<Integer> heap = new ArrayList<>(many(this::u16));
    heap.sort(Comparator.reverseOrder());
    return new Collections(
        many(this::u32),
        many(this::number),
        many(this::text),
        random.nextBoolean() ? Optional.of(text()) : Optional.empty(),
        random.nextBoolean() ? Optional.of(texts()) : Optional.empty(),
        sorted(Comparator.naturalOrder(), this::text, this::u32),
        sorted(Comparator.naturalOrder(), () -> (int) number(), this::text),
        sorted(Long::compareUnsigned, this::number, random::nextBoolean),
        new TreeSet<>(many(this::text)),
        entries(new HashMap<>(), this::u32, this::text),
        new TreeSet<>(many(this::u16)),
        heap,
        new Pair(u16(), text()),
        many(this::bytes));
  }

  private Addresses addresses() {
    return new Addresses(
        ipv4(),
        ipv6(),
        random.nextBoolean() ? ipv4() : ipv6(),
        new InetSocketAddress(ipv4(), u16()),
        new InetSocketAddress(ipv6(), u16()),
        new InetSocketAddress(random.nextBoolean() ? ipv4() : ipv6(), u16()));
  }

  private Shape shape(int depth) {
    return switch (random.nextInt(depth == 0 ? 3 : 4)) {
      case 0 -> new Shape.Point();
      case 1 -> new Shape.Circle(u32());
      case 2 -> new Shape.Rectangle(u32(), u32());
      default -> new Shape.Group(text(), many(() -> shape(depth - 1)));
    };
  }

  Everything everything() {
    return new Everything(
        scalars(),
        texts(),
        collections(),
        addresses(),
        shape(3),
        COLORS.get(random.nextInt(COLORS.size())));
  }
}
