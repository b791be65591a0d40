package rs.jetstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import rs.jetstream.rpc.InProcessServer;
import rs.jetstream.rpc.JetStreamClient;
import rs.jetstream.rpc.JetStreamServer;

/** Values of types that are not the shop's, and one that stays at home. */
final class ShopTest {
  @Test
  void uuidsAreCarriedAndWhatIsSkippedIsNot() throws Exception {
    AtomicReference<Order> bought = new AtomicReference<>();
    Shop shop =
        order -> {
          bought.set(order);
          return order.id();
        };
    try (InProcessServer server =
            JetStreamServer.builder().service(ShopDispatcher.of(shop)).openInProcess();
        JetStreamClient client = JetStreamClient.builder().inProcess(server).open()) {
      UUID id = UUID.randomUUID();
      Set<UUID> parts = Set.of(new UUID(1, 2), new UUID(-1, 0));
      assertThat(client.service(Shop.class).buy(new Order(id, parts, 995, true))).isEqualTo(id);
      assertThat(bought).hasValue(new Order(id, parts, 995, false));
    }
  }
}
