package rs.jetstream.benchmarks;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import rs.jetstream.wire.U32;
import rs.jetstream.wire.U64;
import rs.jetstream.wire.U8;
import rs.jetstream.wire.WireType;

/** Ten fields as services have them. */
@WireType
public record Order(
    @U64 long id,
    @U32 long customer,
    long amount,
    String currency,
    String article,
    @U8 int priority,
    boolean paid,
    Instant at,
    Optional<String> note,
    List<@U32 Long> positions) {}
