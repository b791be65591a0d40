package rs.jetstream.wire;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A count and that many members in ascending order.
 *
 * <p>What is read goes into a tree, not a hash table: a peer that chooses members with one hash
 * code gains nothing.
 */
interface SetCodec<T> {
  /** The codec of the members. */
  KeyCodec<T> member();

  /** Writes the count and the members. */
  default void writeMembers(WireWriter out, Set<T> set) throws WireFormatException {
    KeyCodec<T> member = member();
    List<T> members = new ArrayList<>(set);
    out.writeCount(members.size());
    members.sort(member); // one pass when they are in order
    out.enter();
    for (T value : members) {
      member.write(out, value);
    }
    out.leave();
  }

  /** Reads the count and the members. */
  default SortedSet<T> readMembers(WireReader in) throws WireFormatException {
    KeyCodec<T> member = member();
    int count = in.readCount();
    in.enter();
    SortedSet<T> set = new TreeSet<>(member);
    long start = in.position();
    for (int i = 0; i < count; i++) {
      set.add(member.read(in));
      if (in.position() == start) {
        break; // no bytes: all are alike, and merged
      }
    }
    in.leave();
    return Collections.unmodifiableSortedSet(set);
  }

  /** As a {@link Set}. */
  record Unordered<T>(KeyCodec<T> member) implements SetCodec<T>, Codec<Set<T>> {
    @Override
    public void write(WireWriter out, Set<T> set) throws WireFormatException {
      writeMembers(out, set);
    }

    @Override
    public Set<T> read(WireReader in) throws WireFormatException {
      return readMembers(in);
    }
  }

  /** As a {@link SortedSet}. */
  record Sorted<T>(KeyCodec<T> member) implements SetCodec<T>, Codec<SortedSet<T>> {
    @Override
    public void write(WireWriter out, SortedSet<T> set) throws WireFormatException {
      writeMembers(out, set);
    }

    @Override
    public SortedSet<T> read(WireReader in) throws WireFormatException {
      return readMembers(in);
    }
  }
}
