package rs.jetstream.rpc;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.PeerIdentity;
import rs.jetstream.wire.ErrorMessage;

/** Who may call which method, read once from {@link RequirePeer} when a service is added. */
final class Authorization {
  /** Nothing is required beyond what TLS requires. */
  static final Authorization NONE = new Authorization(null, Map.of());

  private static final String CODE = "jetstream::rpc::permission_denied";

  private final @Nullable Rule byDefault;
  private final Map<String, Rule> byMethod;

  private record Rule(
      Set<String> commonNames, Set<String> dnsNames, Set<String> uris, Set<String> fingerprints) {
    static Rule of(RequirePeer it) {
      return new Rule(
          Set.of(it.commonName()),
          Set.of(it.dnsName()),
          Set.of(it.uri()),
          Arrays.stream(it.fingerprint())
              .map(text -> text.replace(":", "").toLowerCase(Locale.ROOT))
              .collect(Collectors.toUnmodifiableSet()));
    }

    boolean allows(PeerIdentity peer) {
      if (commonNames.isEmpty() && dnsNames.isEmpty() && uris.isEmpty() && fingerprints.isEmpty()) {
        return true;
      }
      return peer.commonName().filter(commonNames::contains).isPresent()
          || peer.dnsNames().stream().anyMatch(dnsNames::contains)
          || peer.uris().stream().anyMatch(uris::contains)
          || fingerprints.contains(peer.fingerprint());
    }
  }

  private Authorization(@Nullable Rule byDefault, Map<String, Rule> byMethod) {
    this.byDefault = byDefault;
    this.byMethod = byMethod;
  }

  /** What the annotations of {@code implementation} and of the service's interface say. */
  static Authorization of(Class<?> implementation, Class<?> contract) {
    Map<String, Rule> byMethod = new HashMap<>();
    // The last one counts.
    for (Class<?> type : List.of(contract, implementation)) {
      Set<String> seen = new HashSet<>();
      for (Method method : type.getMethods()) {
        RequirePeer it = method.getAnnotation(RequirePeer.class);
        if (it != null && seen.add(method.getName())) {
          byMethod.put(method.getName(), Rule.of(it));
        }
      }
    }
    RequirePeer it =
        Optional.ofNullable(implementation.getAnnotation(RequirePeer.class))
            .orElse(contract.getAnnotation(RequirePeer.class));
    return it == null && byMethod.isEmpty()
        ? NONE
        : new Authorization(it == null ? null : Rule.of(it), byMethod);
  }

  /** Throws what the caller is answered when {@code context}'s peer may not call its method. */
  void check(RpcContext context) throws RpcException {
    if (this == NONE) {
      return;
    }
    Rule rule = byMethod.getOrDefault(context.method().name(), byDefault);
    if (rule != null && context.peer().filter(rule::allows).isEmpty()) {
      throw new RpcException(
          new ErrorMessage("this peer may not call the method", CODE, null, null, List.of()));
    }
  }
}
