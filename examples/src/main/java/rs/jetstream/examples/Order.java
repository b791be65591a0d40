package rs.jetstream.examples;

import java.util.Set;
import java.util.UUID;
import rs.jetstream.wire.Skip;
import rs.jetstream.wire.U32;
import rs.jetstream.wire.WireType;

/**
 * What somebody wants.
 *
 * @param id of the order
 * @param parts what is ordered
 * @param cents what it costs
 * @param isNew whether it was just made here
 */
@ShopCodecs
@WireType
public record Order(UUID id, Set<UUID> parts, @U32 long cents, @Skip boolean isNew) {}
