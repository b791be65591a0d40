package rs.jetstream.wire;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A count and that many pairs of key and value in ascending order; a tree as in {@link SetCodec}.
 */
abstract class MapCodec<K, V> {
  private final KeyCodec<K> key;
  private final Codec<V> value;

  MapCodec(KeyCodec<K> key, Codec<V> value) {
    this.key = key;
    this.value = value;
  }

  final void writeEntries(WireWriter out, Map<K, V> map) throws WireFormatException {
    List<Map.Entry<K, V>> entries = new ArrayList<>(map.entrySet());
    out.writeCount(entries.size());
    entries.sort(Map.Entry.comparingByKey(key)); // one pass when they are in order
    out.enter();
    for (Map.Entry<K, V> entry : entries) {
      key.write(out, entry.getKey());
      value.write(out, entry.getValue());
    }
    out.leave();
  }

  final SortedMap<K, V> readEntries(WireReader in) throws WireFormatException {
    int count = in.readCount();
    in.enter();
    SortedMap<K, V> map = new TreeMap<>(key);
    long start = in.position();
    for (int i = 0; i < count; i++) {
      K k = key.read(in);
      map.put(k, value.read(in));
      if (in.position() == start) {
        break; // no bytes: all are alike, and merged
      }
    }
    in.leave();
    return Collections.unmodifiableSortedMap(map);
  }

  static final class Unordered<K, V> extends MapCodec<K, V> implements Codec<Map<K, V>> {
    Unordered(KeyCodec<K> key, Codec<V> value) {
      super(key, value);
    }

    @Override
    public void write(WireWriter out, Map<K, V> map) throws WireFormatException {
      writeEntries(out, map);
    }

    @Override
    public Map<K, V> read(WireReader in) throws WireFormatException {
      return readEntries(in);
    }
  }

  static final class Sorted<K, V> extends MapCodec<K, V> implements Codec<SortedMap<K, V>> {
    Sorted(KeyCodec<K> key, Codec<V> value) {
      super(key, value);
    }

    @Override
    public void write(WireWriter out, SortedMap<K, V> map) throws WireFormatException {
      writeEntries(out, map);
    }

    @Override
    public SortedMap<K, V> read(WireReader in) throws WireFormatException {
      return readEntries(in);
    }
  }
}
