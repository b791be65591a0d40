package rs.jetstream.rpc;

import java.util.Optional;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.MessageType;

/**
 * One method of a service: its ids and how its arguments and results are written.
 *
 * @param name the Java name, which is never sent
 * @param requestId the type of the request's frame; even, 102 to 254
 * @param arguments the arguments, as one value
 * @param result the result; of a subscription, one item
 * @param end what ends a subscription, after its request id; empty for an ordinary method
 * @param idempotent whether a client may send the same call again
 * @param <A> the arguments: a record made for the method, or {@link rs.jetstream.wire.Unit}
 * @param <R> the result, {@link rs.jetstream.wire.Unit} for none; of a subscription, the items
 */
public record RpcMethod<A, R>(
    String name,
    int requestId,
    Codec<A> arguments,
    Codec<R> result,
    Optional<Codec<?>> end,
    boolean idempotent) {
  /** Checks the id. */
  public RpcMethod {
    if (requestId < MessageType.FIRST_REQUEST || requestId > 254 || requestId % 2 != 0) {
      throw new IllegalArgumentException(
          "requestId is " + requestId + ", must be even and from 102 to 254");
    }
  }

  /** The type of the response's frame. */
  public int responseId() {
    return requestId + 1;
  }

  /** Whether one request has many answers. */
  public boolean isSubscription() {
    return end.isPresent();
  }
}
