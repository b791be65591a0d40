package rs.jetstream.rpc;

import org.jspecify.annotations.Nullable;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.Subscriptions;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireFormatException.Kind;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/**
 * What ends a subscription: a value after the id of its method, or a single zero when it was cut
 * short, which is null here.
 */
final class SubscriptionEnd implements Codec<@Nullable Object> {
  private final int requestId;
  private final Codec<Object> value;

  @SuppressWarnings("unchecked") // the method's own codec for the method's own values
  SubscriptionEnd(RpcMethod<?, ?> method) {
    requestId = method.requestId();
    value = (Codec<Object>) method.end().orElseThrow();
  }

  @Override
  public void write(WireWriter out, @Nullable Object end) throws WireFormatException {
    if (end == null) {
      out.writeU8(Subscriptions.CUT_SHORT);
    } else {
      out.writeU8(requestId);
      value.write(out, end);
    }
  }

  @Override
  public @Nullable Object read(WireReader in) throws WireFormatException {
    int id = in.readU8();
    if (id == Subscriptions.CUT_SHORT) {
      return null;
    }
    if (id != requestId) {
      throw in.failure(Kind.BAD_TYPE, "the end is that of method " + id);
    }
    return value.read(in);
  }
}
