package rs.jetstream.interop;

import rs.jetstream.wire.Int128;
import rs.jetstream.wire.U16;
import rs.jetstream.wire.U32;
import rs.jetstream.wire.U64;
import rs.jetstream.wire.U8;
import rs.jetstream.wire.UInt128;
import rs.jetstream.wire.Unit;

/** One value each. */
public record Scalars(
    @U8 int unsigned8,
    @U16 int unsigned16,
    @U32 long unsigned32,
    @U64 long unsigned64,
    UInt128 unsigned128,
    short signed16,
    int signed32,
    long signed64,
    Int128 signed128,
    float single,
    double twice,
    boolean flag,
    Unit nothing) {}
