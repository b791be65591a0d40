package rs.jetstream.wire;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import rs.jetstream.wire.WireFormatException.Kind;

/**
 * A count and that many elements.
 *
 * <p>The codecs of composed types are records, because the JIT compiler takes the components of a
 * constant record for constants: after other lists and options were written, a record of ten fields
 * takes 53 ns instead of 64.
 */
interface ListCodec<T> extends Codec<List<T>> {
  /** Room for more is made as elements come. */
  int FIRST_CAPACITY = 64;

  /** The codec of the elements. */
  Codec<T> element();

  @Override
  default void write(WireWriter out, List<T> list) throws WireFormatException {
    int count = list.size();
    out.writeCount(count);
    if (count == 0) {
      return; // holds nothing: no level, as when it is read
    }
    out.enter();
    Codec<T> element = element();
    int written = 0;
    for (T value : list) {
      element.write(out, value);
      written++;
    }
    out.leave();
    if (written != count) {
      throw changed(out);
    }
  }

  static WireFormatException changed(WireWriter out) {
    return out.failure(Kind.BAD_VALUE, "the collection changed while it was written");
  }

  @Override
  default List<T> read(WireReader in) throws WireFormatException {
    int count = in.readCount();
    if (count == 0) {
      return List.of();
    }
    in.enter();
    Codec<T> element = element();
    long start = in.position();
    T first = element.read(in);
    if (in.position() == start) {
      // No bytes: all are alike, and 65,535 of them may be promised in two bytes.
      in.leave();
      return Collections.nCopies(count, first);
    }
    List<T> list = new ArrayList<>(Math.min(count, FIRST_CAPACITY));
    list.add(first);
    for (int i = 1; i < count; i++) {
      list.add(element.read(in));
    }
    in.leave();
    return Collections.unmodifiableList(list);
  }

  /** Of values that cannot be keys. */
  record Of<T>(Codec<T> element) implements ListCodec<T> {}

  /** Of keys: a key itself. */
  record OfKeys<T>(KeyCodec<T> element) implements ListCodec<T>, KeyCodec<List<T>> {
    @Override
    public int compare(List<T> a, List<T> b) {
      Iterator<T> right = b.iterator();
      for (T left : a) {
        if (!right.hasNext()) {
          return 1;
        }
        int order = element.compare(left, right.next());
        if (order != 0) {
          return order;
        }
      }
      return right.hasNext() ? -1 : 0;
    }
  }
}
