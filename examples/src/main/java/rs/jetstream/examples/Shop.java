package rs.jetstream.examples;

import java.io.IOException;
import java.util.UUID;
import rs.jetstream.rpc.JetStreamService;

/** Sells. */
@ShopCodecs
@JetStreamService(version = "rs.jetstream.proto/shop/1.0.0")
public interface Shop {
  /** Takes an order; gives the id of its receipt. */
  UUID buy(Order order) throws IOException;
}
