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
abstract class SetCodec<T> {
  private final KeyCodec<T> member;

  SetCodec(KeyCodec<T> member) {
    this.member = member;
  }

  final void writeMembers(WireWriter out, Set<T> set) throws WireFormatException {
    List<T> members = new ArrayList<>(set);
    out.writeCount(members.size());
    members.sort(member); // one pass when they are in order
    out.enter();
    for (T value : members) {
      member.write(out, value);
    }
    out.leave();
  }

  final SortedSet<T> readMembers(WireReader in) throws WireFormatException {
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

  static final class Unordered<T> extends SetCodec<T> implements Codec<Set<T>> {
    Unordered(KeyCodec<T> member) {
      super(member);
    }

    @Override
    public void write(WireWriter out, Set<T> set) throws WireFormatException {
      writeMembers(out, set);
    }

    @Override
    public Set<T> read(WireReader in) throws WireFormatException {
      return readMembers(in);
    }
  }

  static final class Sorted<T> extends SetCodec<T> implements Codec<SortedSet<T>> {
    Sorted(KeyCodec<T> member) {
      super(member);
    }

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
