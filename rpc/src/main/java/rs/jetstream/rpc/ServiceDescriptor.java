package rs.jetstream.rpc;

import java.util.List;
import org.jspecify.annotations.Nullable;
import rs.jetstream.wire.MessageType;
import rs.jetstream.wire.ServiceVersion;

/** What is known of a service before any call: its version and its methods. Immutable. */
public final class ServiceDescriptor {
  private final ServiceVersion version;
  private final List<RpcMethod<?, ?>> methods;
  private final @Nullable RpcMethod<?, ?>[] byIndex = new RpcMethod<?, ?>[MessageType.MAX_METHODS];

  /**
   * Describes a service.
   *
   * @throws IllegalArgumentException when two methods have one id
   */
  public ServiceDescriptor(ServiceVersion version, List<RpcMethod<?, ?>> methods) {
    this.version = version;
    this.methods = List.copyOf(methods);
    for (RpcMethod<?, ?> method : methods) {
      int index = index(method.requestId());
      if (byIndex[index] != null) {
        throw new IllegalArgumentException("two methods have the id " + method.requestId());
      }
      byIndex[index] = method;
    }
  }

  /** The name, by which a server finds the service. */
  public String name() {
    return version.name();
  }

  /** The version, name included. */
  public ServiceVersion version() {
    return version;
  }

  /** The methods in the order of the interface. */
  public List<RpcMethod<?, ?>> methods() {
    return methods;
  }

  /** The method whose requests are of type {@code requestId}, or null. */
  public @Nullable RpcMethod<?, ?> method(int requestId) {
    return requestId % 2 != 0 || requestId < MessageType.FIRST_REQUEST || requestId > 254
        ? null
        : byIndex[index(requestId)];
  }

  private static int index(int requestId) {
    return (requestId - MessageType.FIRST_REQUEST) / 2;
  }
}
