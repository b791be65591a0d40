package rs.jetstream.interop;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import rs.jetstream.wire.U16;
import rs.jetstream.wire.U32;
import rs.jetstream.wire.U64;
import rs.jetstream.wire.VecU8;

/** Collections of all kinds. */
public record Collections(
    List<@U32 Long> list,
    List<@U64 Long> queue,
    List<String> texts,
    Optional<String> maybe,
    Optional<Texts> boxed,
    SortedMap<String, @U32 Long> byText,
    SortedMap<Integer, String> bySigned,
    SortedMap<@U64 Long, Boolean> byUnsigned,
    SortedSet<String> members,
    Map<@U32 Long, String> hashMap,
    Set<@U16 Integer> hashSet,
    List<@U16 Integer> heap,
    Pair pair,
    List<@VecU8 ByteBuffer> lists) {}
