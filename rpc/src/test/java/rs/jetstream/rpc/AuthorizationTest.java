package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.PeerIdentity;
import rs.jetstream.rpc.Interop.Two;
import rs.jetstream.wire.Unit;

/** Who may call what: by annotation and by interceptor. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class AuthorizationTest {
  private static final String DENIED = "jetstream::rpc::permission_denied";

  @RequirePeer
  interface Contract {
    void ping();

    @RequirePeer(dnsName = "client.example")
    String echo(String text);

    @RequirePeer(uri = "spiffe://example.org/other")
    String whoami();

    long add(long a, long b);
  }

  @RequirePeer(commonName = "other")
  private static final class Implementation implements Contract {
    @Override
    public void ping() {}

    @Override
    public String echo(String text) {
      return text;
    }

    @Override
    public String whoami() {
      return "";
    }

    @Override
    @RequirePeer(fingerprint = "00:11")
    public long add(long a, long b) {
      return a + b;
    }
  }

  private static JetStreamServer.Builder authorized(Dispatcher dispatcher) {
    return JetStreamServer.builder()
        .service(dispatcher, Authorization.of(Implementation.class, Contract.class));
  }

  private static String codeOf(InProcessServer server, RpcMethod<Unit, ?> method) throws Exception {
    return codeOf(server, method, Unit.INSTANCE);
  }

  private static <A> String codeOf(InProcessServer server, RpcMethod<A, ?> method, A arguments)
      throws Exception {
    try (JetStreamClient client = JetStreamClient.builder().inProcess(server).open()) {
      Caller caller = client.caller(Interop.SERVICE);
      Throwable failed = catchThrowable(() -> caller.call(method, arguments));
      return failed == null ? "ok" : ((RpcException) failed).errorCode().orElse("none");
    }
  }

  @Test
  void theRuleOfTheMethodCountsBeforeTheTypesAndTheImplementationsBeforeTheInterfaces()
      throws Exception {
    try (InProcessServer server = authorized(new Interop.Handlers().dispatcher()).openInProcess()) {
      assertThat(codeOf(server, Interop.PING)).isEqualTo(DENIED); // nobody
      server.actAs(PeerIdentity.of(List.of(TestPki.OTHER_CLIENT.certificate())));
      assertThat(codeOf(server, Interop.PING)).isEqualTo("ok");
      assertThat(codeOf(server, Interop.ECHO, "x")).isEqualTo(DENIED);
      assertThat(codeOf(server, Interop.ADD, new Two<>(1L, 1L))).isEqualTo(DENIED);
      assertThat(codeOf(server, Interop.WHO_AM_I)).isEqualTo(DENIED);
      server.actAs(PeerIdentity.of(List.of(TestPki.CLIENT.certificate())));
      assertThat(codeOf(server, Interop.PING)).isEqualTo(DENIED);
      assertThat(codeOf(server, Interop.ECHO, "x")).isEqualTo("ok");
    }
  }

  @Test
  void aRefusedCallDoesNotRun() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    Interop.Handlers handlers = new Interop.Handlers();
    handlers.ping =
        (context, nothing) -> {
          runs.incrementAndGet();
          return Unit.INSTANCE;
        };
    try (InProcessServer server = authorized(handlers.dispatcher()).openInProcess()) {
      assertThat(codeOf(server, Interop.PING)).isEqualTo(DENIED);
      assertThat(runs).hasValue(0);
    }
  }

  @Test
  void aServersInterceptorSeesThePeerAndRefuses() throws Exception {
    Interceptor interceptor =
        (call, next) -> {
          RpcContext context = call.context();
          if (context == null || context.peer().isEmpty()) {
            throw new AssertionError("no peer");
          }
          if (call.method().equals(Interop.ECHO) && call.arguments().equals("forbidden")) {
            throw new RpcException("not that").errorCode("test::forbidden");
          }
          return next.proceed();
        };
    try (Ends ends = new Ends(it -> it.interceptor(interceptor), it -> it)) {
      assertThat(ends.caller.call(Interop.ECHO, "allowed")).isEqualTo("allowed");
      RpcException failed =
          catchThrowableOfType(
              RpcException.class, () -> ends.caller.call(Interop.ECHO, "forbidden"));
      assertThat(failed.errorCode()).contains("test::forbidden");
    }
  }

  @Test
  void interceptorsStandAroundEachOtherOnBothSides() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (Ends ends =
        new Ends(
            it -> it.interceptor(noting(seen, "s1")).interceptor(noting(seen, "s2")),
            it -> it.interceptor(noting(seen, "c1")).interceptor(noting(seen, "c2")))) {
      ends.caller.call(Interop.PING, Unit.INSTANCE);
      assertThat(seen).startsWith("c1", "c2", "s1", "s2").endsWith("-c2", "-c1");
      assertThat(seen).containsSubsequence("s2", "-s2", "-s1");
      seen.clear();
      assertThat(ends.caller.callAsync(Interop.DELAY, new Two<>(1L, 7L)).get()).isEqualTo(7);
      assertThat(seen).contains("c1", "c2", "s1", "s2");
    }
  }

  private static Interceptor noting(List<String> seen, String name) {
    return (call, next) -> {
      seen.add(name);
      Object result = next.proceed();
      seen.add("-" + name);
      return result;
    };
  }

  @Test
  void aClientsInterceptorMayRefuse() throws Exception {
    Interceptor interceptor =
        (call, next) -> {
          throw new IllegalStateException("not now");
        };
    try (Ends ends = new Ends(it -> it, it -> it.interceptor(interceptor))) {
      assertThat(catchThrowable(() -> ends.caller.call(Interop.PING, Unit.INSTANCE)))
          .isInstanceOf(IllegalStateException.class);
      assertThat(catchThrowable(() -> ends.caller.callAsync(Interop.PING, Unit.INSTANCE).get()))
          .hasCauseInstanceOf(IllegalStateException.class);
    }
  }
}
