package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.rpc.Interop.Handlers;
import rs.jetstream.wire.Unit;

/** A server calls its client, on the client's own connection. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class CallbacksTest {
  private final Handlers served = new Handlers();

  private JetStreamClient.Builder serving(JetStreamClient.Builder client) {
    return client.callbacks(JetStreamServer.builder().service(served.dispatcher()));
  }

  private static Caller back(RpcContext context) {
    return context.callbacks().caller(Interop.SERVICE);
  }

  private static Kind kind(Throwable failed) {
    assertThat(failed).isInstanceOf(RpcException.class);
    return ((RpcException) failed).kind();
  }

  @Test
  void aHandlerCallsItsCallerBackWhileItIsCalled() throws Exception {
    try (Ends ends = new Ends(it -> it, this::serving)) {
      served.echo = (context, text) -> "client: " + text;
      ends.handlers.echo = (context, text) -> "server: " + back(context).call(Interop.ECHO, text);
      for (int i = 0; i < 100; i++) {
        assertThat(ends.caller.call(Interop.ECHO, "hello")).isEqualTo("server: client: hello");
      }
      assertThat(ends.server.quic().openConnections()).hasSize(1);
    }
  }

  @Test
  void eachClientIsCalledBackItself() throws Exception {
    try (Ends ends = new Ends(it -> it, this::serving)) {
      Handlers others = new Handlers();
      served.echo = (context, text) -> "one";
      others.echo = (context, text) -> "other";
      ends.handlers.echo = (context, text) -> back(context).call(Interop.ECHO, text);
      try (JetStreamClient other =
          ends.client(it -> it.callbacks(JetStreamServer.builder().service(others.dispatcher())))) {
        assertThat(ends.caller.call(Interop.ECHO, "who?")).isEqualTo("one");
        assertThat(other.caller(Interop.SERVICE).call(Interop.ECHO, "who?")).isEqualTo("other");
      }
    }
  }

  @Test
  void theClientSeesTheServersCertificate() throws Exception {
    try (Ends ends = new Ends(it -> it, this::serving)) {
      ends.handlers.echo =
          (context, text) -> {
            return back(context).call(Interop.WHO_AM_I, Unit.INSTANCE);
          };
      assertThat(ends.caller.call(Interop.ECHO, "")).isEqualTo("server");
    }
  }

  @Test
  void whatTheClientDoesNotServeIsRefused() throws Exception {
    ServiceDescriptor unknown = Interop.service("rs.jetstream.proto/other/1.0.0");
    try (Ends ends = new Ends(it -> it, this::serving)) {
      ends.handlers.echo =
          (context, text) -> {
            Caller caller = context.callbacks().caller(unknown);
            return kind(catchThrowable(() -> caller.call(Interop.PING, Unit.INSTANCE))).name();
          };
      assertThat(ends.caller.call(Interop.ECHO, "")).isEqualTo("VERSION_REFUSED");
    }
  }

  @Test
  void aClientThatServesNothingCostsNoMoreThanTheTimeToOpenALane() throws Exception {
    try (Ends ends = new Ends(it -> it.handshakeTimeout(Duration.ofMillis(200)), it -> it)) {
      ends.handlers.echo =
          (context, text) ->
              kind(catchThrowable(() -> back(context).call(Interop.PING, Unit.INSTANCE))).name();
      assertThat(ends.caller.call(Interop.ECHO, "")).isEqualTo("DEADLINE");
    }
  }

  @Test
  void whatIsKeptEndsWithTheConnection() throws Exception {
    BlockingQueue<Callbacks> kept = new ArrayBlockingQueue<>(1);
    try (Ends ends = new Ends(it -> it, this::serving)) {
      ends.handlers.echo =
          (context, text) -> {
            kept.add(context.callbacks());
            return text;
          };
      ends.caller.call(Interop.ECHO, "");
      Caller back = kept.take().caller(Interop.SERVICE);
      assertThat(back.call(Interop.ECHO, "after the call")).isEqualTo("after the call");
      served.echo =
          (context, text) -> {
            ends.client.close();
            return text;
          };
      assertThat(catchThrowable(() -> back.callAsync(Interop.ECHO, "").get(20, TimeUnit.SECONDS)))
          .hasCauseInstanceOf(RpcException.class);
    }
  }

  @Test
  void inTheSameProcessItIsTheSame() throws Exception {
    Handlers handlers = new Handlers();
    served.echo = (context, text) -> "client: " + text;
    handlers.echo = (context, text) -> "server: " + back(context).call(Interop.ECHO, text);
    try (InProcessServer server =
            JetStreamServer.builder().service(handlers.dispatcher()).openInProcess();
        JetStreamClient client = serving(JetStreamClient.builder().inProcess(server)).open();
        JetStreamClient none = JetStreamClient.builder().inProcess(server).open()) {
      Caller caller = client.caller(Interop.SERVICE);
      assertThat(caller.call(Interop.ECHO, "hello")).isEqualTo("server: client: hello");
      handlers.echo =
          (context, text) ->
              kind(catchThrowable(() -> back(context).call(Interop.PING, Unit.INSTANCE))).name();
      assertThat(none.caller(Interop.SERVICE).call(Interop.ECHO, "")).isEqualTo("VERSION_REFUSED");
    }
  }
}
