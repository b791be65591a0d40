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
interface MapCodec<K, V> {
  /** The codec of the keys. */
  KeyCodec<K> key();

  /** The codec of the values. */
  Codec<V> value();

  /** Writes the count and the pairs. */
  default void writeEntries(WireWriter out, Map<K, V> map) throws WireFormatException {
    KeyCodec<K> key = key();
    Codec<V> value = value();
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

  /** Reads the count and the pairs. */
  default SortedMap<K, V> readEntries(WireReader in) throws WireFormatException {
    KeyCodec<K> key = key();
    Codec<V> value = value();
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

  /** As a {@link Map}. */
  record Unordered<K, V>(KeyCodec<K> key, Codec<V> value)
      implements MapCodec<K, V>, Codec<Map<K, V>> {
    @Override
    public void write(WireWriter out, Map<K, V> map) throws WireFormatException {
      writeEntries(out, map);
    }

    @Override
    public Map<K, V> read(WireReader in) throws WireFormatException {
      return readEntries(in);
    }
  }

  /** As a {@link SortedMap}. */
  record Sorted<K, V>(KeyCodec<K> key, Codec<V> value)
      implements MapCodec<K, V>, Codec<SortedMap<K, V>> {
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
