package rs.jetstream.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import rs.jetstream.rpc.RpcException;
import rs.jetstream.rpc.RpcListener;
import rs.jetstream.rpc.RpcMethod;
import rs.jetstream.rpc.ServiceDescriptor;

/**
 * The timer {@code jetstream.calls} of the calls of a {@code JetStreamServer} or {@code
 * JetStreamClient}, whose builder gets it as listener.
 *
 * <p>Tags: {@code side}, client or server; {@code service} and {@code method}, as compiled into
 * this program, never as a peer writes them; {@code outcome}, ok, or the kind of the failure. Any
 * thread.
 */
public final class CallMetrics implements RpcListener {
  private record Key(String service, String method, String outcome) {}

  private final MeterRegistry registry;
  private final String side;
  private final Map<Key, Timer> timers = new ConcurrentHashMap<>();

  private CallMetrics(MeterRegistry registry, String side) {
    this.registry = Objects.requireNonNull(registry, "registry");
    this.side = side;
  }

  /** For the builder of a client. */
  public static CallMetrics ofClient(MeterRegistry registry) {
    return new CallMetrics(registry, "client");
  }

  /** For the builder of a server. */
  public static CallMetrics ofServer(MeterRegistry registry) {
    return new CallMetrics(registry, "server");
  }

  @Override
  public void ended(
      ServiceDescriptor service,
      RpcMethod<?, ?> method,
      Duration duration,
      @Nullable Throwable failure) {
    timers
        .computeIfAbsent(new Key(service.name(), method.name(), outcome(failure)), this::timer)
        .record(duration);
  }

  private Timer timer(Key key) {
    return Timer.builder("jetstream.calls")
        .tag("side", side)
        .tag("service", key.service)
        .tag("method", key.method)
        .tag("outcome", key.outcome)
        .register(registry);
  }

  private static String outcome(@Nullable Throwable failure) {
    if (failure == null) {
      return "ok";
    }
    return failure instanceof RpcException it
        ? it.kind().name().toLowerCase(Locale.ROOT)
        : "failed";
  }
}
