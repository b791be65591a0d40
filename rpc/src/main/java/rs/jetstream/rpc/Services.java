package rs.jetstream.rpc;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The services of a server by name. */
final class Services {
  /** A service with who may call what. */
  record Entry(Dispatcher dispatcher, Authorization authorization, boolean hasSubscriptions) {}

  private final Map<String, Entry> byName = new HashMap<>();

  void add(Dispatcher dispatcher, Authorization authorization) {
    String name = dispatcher.service().name();
    boolean subscriptions =
        dispatcher.service().methods().stream().anyMatch(RpcMethod::isSubscription);
    Entry entry = new Entry(dispatcher, authorization, subscriptions);
    if (byName.putIfAbsent(name, entry) != null) {
      throw new IllegalArgumentException("two services have the name " + name);
    }
  }

  Services copy() {
    Services copy = new Services();
    copy.byName.putAll(byName);
    return copy;
  }

  boolean isEmpty() {
    return byName.isEmpty();
  }

  @Nullable Entry get(String name) {
    return byName.get(name);
  }
}
