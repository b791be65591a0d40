package rs.jetstream.examples;

import rs.jetstream.wire.WireCodecs;

/** How the shop's services carry types that are not theirs. */
@WireCodecs(UuidCodec.class)
public @interface ShopCodecs {}
