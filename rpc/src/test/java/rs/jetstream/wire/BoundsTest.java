package rs.jetstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import rs.jetstream.wire.WireFormatException.Kind;

/** What is promised in few bytes costs little, and what is nested ends. */
// r[verify jetstream.wireformat.bounds]
@Timeout(60)
final class BoundsTest {
  /** Bytes of memory for one received byte: a list of records of one byte takes 28. */
  private static final int FACTOR = 64;

  private static final int START = 64 << 10;

  /** Bytes, and what to read them as. */
  @SuppressWarnings("ArrayRecordComponent") // compared with nothing
  record Promise(String name, byte[] bytes, Codec<?> codec) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Promise> promises() {
    byte[] full = new byte[1 << 20];
    Arrays.fill(full, (byte) 0xff);
    byte[] zeros = new byte[1 << 20];
    byte[] ones = new byte[1 << 20];
    Arrays.fill(ones, (byte) 1);
    Codec<List<Optional<Integer>>> options = Codecs.list(Codecs.optional(Codecs.U8));
    return List.of(
        new Promise("65,535 texts in ten bytes", few("ffff"), Codecs.list(Codecs.STRING)),
        new Promise("65,535 numbers in ten bytes", few("ffff"), Codecs.list(Codecs.U64)),
        new Promise("65,535 members in ten bytes", few("ffff"), Codecs.set(Codecs.U64)),
        new Promise("65,535 entries in ten bytes", few("ffff"), map()),
        new Promise("65,535 bytes in ten bytes", few("ffff"), Codecs.BYTES_ARRAY),
        new Promise("text of 65,535 bytes in ten bytes", few("ffff"), Codecs.STRING),
        new Promise("32 MiB in ten bytes", few("00000002"), Codecs.DATA_ARRAY),
        new Promise("4 GiB in ten bytes", few("ffffffff"), Codecs.DATA_ARRAY),
        new Promise("65,535 times nothing", few("ffff"), Codecs.list(Codecs.UNIT)),
        new Promise("a set of 65,535 times nothing", few("ffff"), Codecs.set(Codecs.UNIT)),
        new Promise(
            "lists of lists of nothing", full, Codecs.list(Codecs.list(Codecs.list(Codecs.UNIT)))),
        new Promise("lists of sets of nothing", full, Codecs.list(Codecs.set(Codecs.UNIT))),
        new Promise("lists of empty lists", lists(zeros), Codecs.list(Codecs.list(Codecs.U8))),
        new Promise("lists of empty sets", lists(zeros), Codecs.list(Codecs.set(Codecs.U8))),
        new Promise("lists of empty maps", lists(zeros), Codecs.list(map())),
        new Promise("lists of empty texts", lists(zeros), Codecs.list(Codecs.STRING)),
        new Promise("lists of empty data", lists(zeros), Codecs.list(Codecs.DATA)),
        new Promise("lists of absent values", lists(zeros), options),
        new Promise("lists of present values", lists(ones), options),
        new Promise("sets of numbers", lists(counting()), Codecs.set(Codecs.U16)),
        new Promise("lists of nested lists", full, nested(20)),
        new Promise("an error of empty spans", spans(), ErrorMessage.CODEC));
  }

  private static Codec<Map<Integer, String>> map() {
    return Codecs.map(Codecs.U8, Codecs.STRING);
  }

  private static Codec<?> nested(int levels) {
    Codec<?> codec = Codecs.list(Codecs.U8);
    for (int i = 1; i < levels; i++) {
      codec = Codecs.list(codec);
    }
    return codec;
  }

  private static byte[] few(String hex) {
    return Arrays.copyOf(HexFormat.of().parseHex(hex), 10);
  }

  private static byte[] lists(byte[] bytes) {
    byte[] lists = bytes.clone();
    lists[0] = lists[1] = (byte) 0xff;
    return lists;
  }

  private static byte[] counting() {
    byte[] bytes = new byte[2 + 2 * 65_535];
    for (int i = 0; i < 65_535; i++) {
      MemorySegment.ofArray(bytes).set(Layouts.I16, 2 + 2L * i, (short) i);
    }
    return bytes;
  }

  private static byte[] spans() {
    byte[] bytes = new byte[1 << 20];
    bytes[7] = bytes[8] = (byte) 0xff; // after the message, three options and the table's count
    return bytes;
  }

  // r[verify security.1.24]
  // r[verify security.1.25]
  @ParameterizedTest
  @MethodSource("promises")
  void allocationIsBoundedByWhatWasReceived(Promise promise) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    read(promise); // loads classes
    long before = threads.getCurrentThreadAllocatedBytes();
    read(promise);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).isBetween(1L, START + (long) FACTOR * promise.bytes.length);
  }

  private static Object read(Promise promise) {
    try {
      return promise.codec.read(WireReader.of(promise.bytes));
    } catch (WireFormatException e) {
      return e;
    }
  }

  // r[verify security.1.24]
  @Test
  @Timeout(value = 5, unit = TimeUnit.SECONDS)
  void manyPromisesOfNothingTakeNoTime() throws Exception {
    // 65,535 sets of 65,535 members each, none of which has a byte.
    byte[] bytes = new byte[2 + 2 * 65_535];
    Arrays.fill(bytes, (byte) 0xff);
    List<Set<Unit>> sets = Codecs.list(Codecs.set(Codecs.UNIT)).read(WireReader.of(bytes));
    assertThat(sets).hasSize(65_535).startsWith(Set.of(Unit.INSTANCE));
    List<List<Unit>> lists = Codecs.list(Codecs.list(Codecs.UNIT)).read(WireReader.of(bytes));
    assertThat(lists.get(7)).hasSize(65_535);
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.SECONDS)
  void membersOfOneHashCodeTakeNoLonger() throws Exception {
    // 0, 31 and 1, 0 have one hash code, and so have all that are made of them.
    int pairs = 14;
    WireWriter out = WireWriter.growing(1 << 20);
    out.writeCount(1 << pairs);
    for (int member = 0; member < 1 << pairs; member++) {
      out.writeCount(2 * pairs);
      for (int bit = 0; bit < pairs; bit++) {
        boolean one = (member >> bit & 1) == 1;
        out.writeU8(one ? 1 : 0);
        out.writeU8(one ? 0 : 31);
      }
    }
    Set<List<Integer>> set = Codecs.set(Codecs.list(Codecs.U8)).read(WireReader.of(out.written()));
    assertThat(set.stream().map(List::hashCode).distinct()).hasSize(1);
    assertThat(set.size()).isEqualTo(1 << pairs);
  }

  /** A list of itself, without end. */
  private static final class Tree implements Codec<List<?>> {
    private final Codec<List<List<?>>> children = Codecs.list(Codecs.deferred(() -> this));

    @Override
    @SuppressWarnings("unchecked") // trees hold trees
    public void write(WireWriter out, List<?> value) throws WireFormatException {
      children.write(out, (List<List<?>>) value);
    }

    @Override
    public List<?> read(WireReader in) throws WireFormatException {
      return children.read(in);
    }
  }

  private static List<?> tree(int depth) {
    List<?> tree = List.of();
    for (int i = 0; i < depth; i++) {
      tree = List.of(tree);
    }
    return tree;
  }

  private static byte[] treeBytes(int depth) {
    byte[] bytes = new byte[2 * depth + 2];
    for (int i = 0; i < depth; i++) {
      bytes[2 * i] = 1;
    }
    return bytes;
  }

  // r[verify security.1.24]
  @Test
  void nestingIsLimitedWhenRead() throws Exception {
    Tree codec = new Tree();
    assertThat(codec.read(WireReader.of(treeBytes(128)))).isEqualTo(tree(128));
    assertThatThrownBy(() -> codec.read(WireReader.of(treeBytes(129))))
        .satisfies(ValueVectorsTest.kind(Kind.TOO_DEEP));
    assertThatThrownBy(() -> codec.read(WireReader.of(treeBytes(1 << 20))))
        .satisfies(ValueVectorsTest.kind(Kind.TOO_DEEP));
    assertThatThrownBy(() -> codec.read(WireReader.of(treeBytes(4)).maxDepth(3)))
        .satisfies(ValueVectorsTest.kind(Kind.TOO_DEEP));
    assertThat(codec.read(WireReader.of(treeBytes(200)).maxDepth(200))).isEqualTo(tree(200));
  }

  @Test
  void nestingIsLimitedWhenWritten() throws Exception {
    Tree codec = new Tree();
    WireWriter out = WireWriter.growing(1000);
    codec.write(out, tree(128));
    assertThat(out.toByteArray()).isEqualTo(treeBytes(128));
    out.clear();
    assertThatThrownBy(() -> codec.write(out, tree(129)))
        .satisfies(ValueVectorsTest.kind(Kind.TOO_DEEP));
    List<Object> itself = new ArrayList<>();
    itself.add(itself);
    out.clear();
    assertThatThrownBy(() -> codec.write(out, itself))
        .satisfies(ValueVectorsTest.kind(Kind.TOO_DEEP));
  }

  @Test
  void readerIsReadyForMoreAfterAFailure() throws Exception {
    Tree codec = new Tree();
    WireReader in = WireReader.of(treeBytes(129));
    assertThatThrownBy(() -> codec.read(in)).isInstanceOf(WireFormatException.class);
    assertThat(codec.read(in.reset(MemorySegment.ofArray(treeBytes(128))))).isEqualTo(tree(128));
  }

  @Test
  void depthIsThatOfNestingAndNotOfNumber() throws Exception {
    Codec<List<List<Integer>>> codec = Codecs.list(Codecs.list(Codecs.U8));
    List<List<Integer>> wide = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      wide.add(List.of(i & 0xff));
    }
    WireWriter out = WireWriter.growing(10_000).maxDepth(2);
    codec.write(out, wide);
    assertThat(codec.read(WireReader.of(out.written()).maxDepth(2))).isEqualTo(wide);
  }

  @Test
  void listThatChangesWhileItIsWrittenIsRefused() {
    List<Integer> changing =
        new AbstractList<>() {
          private int calls;

          @Override
          public Integer get(int index) {
            return index;
          }

          @Override
          public int size() {
            return calls++ == 0 ? 3 : 2;
          }
        };
    assertThatThrownBy(() -> Codecs.list(Codecs.U8).write(WireWriter.growing(100), changing))
        .satisfies(ValueVectorsTest.kind(Kind.BAD_VALUE));
  }

  @Test
  void tooManyElementsAreRefused() {
    List<Integer> list = java.util.Collections.nCopies(65_536, 7);
    assertThatThrownBy(() -> Codecs.list(Codecs.U8).write(WireWriter.growing(1 << 20), list))
        .satisfies(ValueVectorsTest.kind(Kind.TOO_LONG));
    MemorySegment large = MemorySegment.ofArray(new byte[(32 << 20) + 1]);
    WireWriter out = WireWriter.growing(64 << 20);
    assertThatThrownBy(() -> Codecs.DATA.write(out, large))
        .satisfies(ValueVectorsTest.kind(Kind.TOO_LONG));
    assertThat(out.position()).isZero();
  }

  @Test
  void foreignCodecsFailInsideTheRules() {
    Codec<String> bad =
        Codecs.guarded(
            new Codec<>() {
              @Override
              public void write(WireWriter out, String value) {
                throw new IllegalStateException(value);
              }

              @Override
              public String read(WireReader in) {
                throw new IllegalStateException();
              }
            });
    assertThatThrownBy(() -> bad.read(WireReader.of(new byte[1])))
        .satisfies(ValueVectorsTest.kind(Kind.REFUSED))
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> bad.write(WireWriter.growing(1), "secret"))
        .satisfies(ValueVectorsTest.kind(Kind.REFUSED))
        .hasMessageNotContaining("secret");
  }
}
