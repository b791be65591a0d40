package rs.jetstream.interop;

import rs.jetstream.wire.U16;

/** A tuple. */
public record Pair(@U16 int first, String second) {}
