package rs.jetstream.rpc.interop;

import rs.jetstream.wire.U8;

/** A tuple. */
public record Pair(@U8 int first, String second) {}
