package rs.jetstream.examples;

import java.util.UUID;
import rs.jetstream.wire.KeyCodec;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/** A UUID as two {@code u64}; in Rust {@code struct Id { high: u64, low: u64 }}. */
public final class UuidCodec implements KeyCodec<UUID> {
  @Override
  public void write(WireWriter out, UUID value) throws WireFormatException {
    out.writeU64(value.getMostSignificantBits());
    out.writeU64(value.getLeastSignificantBits());
  }

  @Override
  public UUID read(WireReader in) throws WireFormatException {
    return new UUID(in.readU64(), in.readU64());
  }

  @Override
  public int compare(UUID a, UUID b) {
    int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
    return high != 0
        ? high
        : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
  }
}
