package rs.jetstream.rpc;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.Experimental;

/**
 * A service and what runs for each of its methods. Immutable; generated code makes it with a {@link
 * Builder}.
 */
public final class Dispatcher {
  /** A method with its handler, of the same types. */
  public record Binding<A, R>(RpcMethod<A, R> method, Handler<A, R> handler) {}

  private final ServiceDescriptor service;
  private final @Nullable Binding<?, ?>[] bindings = new Binding<?, ?>[256];
  private final boolean hasNonBlocking;

  private Dispatcher(ServiceDescriptor service, Map<Integer, Binding<?, ?>> bindings) {
    this.service = service;
    bindings.forEach((id, binding) -> this.bindings[id] = binding);
    hasNonBlocking =
        bindings.values().stream().anyMatch(it -> it.handler() instanceof Handler.NonBlocking);
  }

  /** Begins a dispatcher of {@code service}. */
  public static Builder builder(ServiceDescriptor service) {
    return new Builder(service);
  }

  /** The service. */
  public ServiceDescriptor service() {
    return service;
  }

  /** What runs for requests of type {@code requestId}, 0 to 255, or null. */
  public @Nullable Binding<?, ?> binding(int requestId) {
    return bindings[requestId];
  }

  /** Whether a method does not block. */
  boolean hasNonBlocking() {
    return hasNonBlocking;
  }

  /** Collects the handlers. */
  public static final class Builder {
    private final ServiceDescriptor service;
    private final Map<Integer, Binding<?, ?>> bindings = new LinkedHashMap<>();

    private Builder(ServiceDescriptor service) {
      this.service = service;
    }

    /** Says what runs for {@code method}. */
    public <A, R> Builder on(RpcMethod<A, R> method, Handler<A, R> handler) {
      if (!method.equals(service.method(method.requestId()))) {
        throw new IllegalArgumentException(method.name() + " is not a method of " + service.name());
      }
      if (bindings.put(method.requestId(), new Binding<>(method, handler)) != null) {
        throw new IllegalArgumentException(method.name() + " has two handlers");
      }
      return this;
    }

    /** As {@link #on}, for a handler that blocks. */
    public <A, R> Builder blocking(RpcMethod<A, R> method, Handler.Blocking<A, R> handler) {
      return on(method, handler);
    }

    /**
     * As {@link #on}, for a handler that does not block: see {@link rs.jetstream.rpc.NonBlocking}.
     */
    @Experimental
    public <A, R> Builder nonBlocking(RpcMethod<A, R> method, Handler.NonBlocking<A, R> handler) {
      return on(method, handler);
    }

    /** As {@link #on}, for a handler that answers later. */
    public <A, R> Builder async(RpcMethod<A, R> method, Handler.Async<A, R> handler) {
      return on(method, handler);
    }

    /** As {@link #on}, for a subscription that is published. */
    public <A, R> Builder publishing(RpcMethod<A, R> method, Handler.Publishing<A, R> handler) {
      return on(method, handler);
    }

    /** As {@link #on}, for a subscription that is iterated. */
    public <A, R> Builder streaming(RpcMethod<A, R> method, Handler.Streaming<A, R> handler) {
      return on(method, handler);
    }

    /**
     * The dispatcher.
     *
     * @throws IllegalStateException when a method has no handler
     */
    public Dispatcher build() {
      for (RpcMethod<?, ?> method : service.methods()) {
        if (!bindings.containsKey(method.requestId())) {
          throw new IllegalStateException(method.name() + " has no handler");
        }
      }
      return new Dispatcher(service, bindings);
    }
  }
}
