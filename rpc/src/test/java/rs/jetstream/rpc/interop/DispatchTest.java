package rs.jetstream.rpc.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import rs.jetstream.rpc.Caller;
import rs.jetstream.rpc.Dispatcher;
import rs.jetstream.rpc.Handler;
import rs.jetstream.rpc.Idempotent;
import rs.jetstream.rpc.JetStreamService;
import rs.jetstream.rpc.RpcContext;
import rs.jetstream.rpc.RpcMethod;
import rs.jetstream.rpc.Stubs;
import rs.jetstream.rpc.Subscription;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.U32;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/** Generated clients and dispatchers, back to back through bytes. */
final class DispatchTest {
  /** A method of every style. */
  @JetStreamService(version = "rs.jetstream.proto/styles/1.0.0")
  interface Styles {
    void nothing(List<String> into) throws IOException;

    @Nullable String maybe(@Nullable String text) throws IOException;

    @Idempotent
    long twice(@U32 long caller, RpcContext context) throws IOException;

    CompletionStage<Void> later(boolean fail);

    CompletableFuture<@Nullable Integer> maybeLater(@Nullable Integer value);

    Flow.Publisher<String> words(List<String> arguments);

    Subscription<Integer, String> counted(int service, Point value) throws IOException;
  }

  /** Does what it is told. */
  private static class Service implements Styles {
    final List<String> seen = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void nothing(List<String> into) {
      seen.addAll(into);
    }

    @Override
    public @Nullable String maybe(@Nullable String text) {
      return text == null ? null : text + "!";
    }

    @Override
    public long twice(long caller, RpcContext context) {
      return 2 * caller;
    }

    @Override
    public CompletionStage<Void> later(boolean fail) {
      return fail
          ? CompletableFuture.failedFuture(new IOException("as told"))
          : CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<@Nullable Integer> maybeLater(@Nullable Integer value) {
      return CompletableFuture.completedFuture(value);
    }

    @Override
    public Flow.Publisher<String> words(List<String> arguments) {
      return subscriber -> {
        try (SubmissionPublisher<String> publisher = new SubmissionPublisher<>(Runnable::run, 16)) {
          publisher.subscribe(subscriber);
          arguments.forEach(publisher::submit);
        }
      };
    }

    @Override
    public Subscription<Integer, String> counted(int service, Point value) {
      return new Subscription<>() {
        private int next = value.x();

        @Override
        public boolean hasNext() {
          return next < value.y();
        }

        @Override
        public Integer next() {
          return next++;
        }

        @Override
        public String end() {
          return "end " + service;
        }

        @Override
        public void close() {}
      };
    }
  }

  /** Calls a dispatcher with what was written and read again. */
  private record Loopback(Dispatcher dispatcher) implements Caller {
    private static <T> T copy(Codec<T> codec, T value) throws WireFormatException {
      WireWriter out = WireWriter.growing(1 << 20);
      codec.write(out, value);
      WireReader in = WireReader.of(out.toByteArray());
      T copy = codec.read(in);
      in.finish();
      return copy;
    }

    @SuppressWarnings("unchecked") // a method is bound with its own types
    private <A, R> Handler<A, R> handler(RpcMethod<A, R> method) {
      Dispatcher.Binding<?, ?> binding = dispatcher.binding(method.requestId());
      assertThat(binding.method()).isEqualTo(method);
      return (Handler<A, R>) binding.handler();
    }

    @Override
    public <A, R> R call(RpcMethod<A, R> method, A arguments) throws IOException {
      try {
        A copy = copy(method.arguments(), arguments);
        R result =
            switch (handler(method)) {
              case Handler.Blocking<A, R> it -> it.handle(null, copy);
              case Handler.NonBlocking<A, R> it -> it.handle(null, copy);
              case Handler.Async<A, R> it -> it.handle(null, copy).toCompletableFuture().get();
              case Handler<A, R> it -> throw new AssertionError(it);
            };
        return copy(method.result(), result);
      } catch (IOException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }

    @Override
    public <A, R> CompletableFuture<R> callAsync(RpcMethod<A, R> method, A arguments) {
      try {
        return CompletableFuture.completedFuture(call(method, arguments));
      } catch (IOException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    @Override
    @SuppressWarnings("unchecked") // as the stub says
    public <A, T, E> Subscription<T, E> subscribe(RpcMethod<A, T> method, A arguments)
        throws IOException {
      assertThat(method.isSubscription()).isTrue();
      try {
        return (Subscription<T, E>)
            ((Handler.Streaming<A, T>) handler(method))
                .handle(null, copy(method.arguments(), arguments));
      } catch (Exception e) {
        throw new IOException(e);
      }
    }

    @Override
    public <A, T> Flow.Publisher<T> publish(RpcMethod<A, T> method, A arguments) {
      assertThat(method.isSubscription()).isTrue();
      try {
        return ((Handler.Publishing<A, T>) handler(method))
            .handle(null, copy(method.arguments(), arguments));
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  private final Service service = new Service();
  private final Caller caller = new Loopback(DispatchTest_StylesDispatcher.of(service));
  private final Styles client = new DispatchTest_StylesClient(caller);
  private final DispatchTest_StylesAsyncClient async = new DispatchTest_StylesAsyncClient(caller);

  @Test
  void callsReachTheImplementation() throws Exception {
    client.nothing(List.of("a", "b"));
    async.nothing(List.of("c")).get();
    assertThat(service.seen).containsExactly("a", "b", "c");
    assertThat(client.twice(0xffff_ffffL, null)).isEqualTo(0x1_ffff_fffeL);
    assertThat(async.twice(21).get()).isEqualTo(42);
    assertThatThrownBy(() -> client.twice(-1, null)).isInstanceOf(WireFormatException.class);
  }

  @Test
  void nullsComeAndGo() throws Exception {
    assertThat(client.maybe("a")).isEqualTo("a!");
    assertThat(client.maybe(null)).isNull();
    assertThat(async.maybe(null).get()).isNull();
    assertThat(client.maybeLater(7).get()).isEqualTo(7);
    assertThat(client.maybeLater(null).get()).isNull();
  }

  @Test
  void stagesCompleteOrFail() throws Exception {
    assertThat(client.later(false).toCompletableFuture().get()).isNull();
    assertThatThrownBy(() -> client.later(true).toCompletableFuture().join())
        .isInstanceOf(CompletionException.class)
        .hasRootCauseMessage("as told");
  }

  @Test
  void subscriptionsGiveItemsAndAnEnd() throws Exception {
    try (Subscription<Integer, String> items = client.counted(3, new Point(1, 4))) {
      List<Integer> seen = new ArrayList<>();
      while (items.hasNext()) {
        seen.add(items.next());
      }
      assertThat(seen).containsExactly(1, 2, 3);
      assertThat(items.end()).isEqualTo("end 3");
    }
    List<String> words = new ArrayList<>();
    client.words(List.of("x", "y")).subscribe(new Collecting(words));
    async.words(List.of("z")).subscribe(new Collecting(words));
    assertThat(words).containsExactly("x", "y", "done", "z", "done");
  }

  /** Collects items, and says when it is done. */
  private record Collecting(List<String> into) implements Flow.Subscriber<String> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String item) {
      into.add(item);
    }

    @Override
    public void onError(Throwable failure) {
      into.add(failure.toString());
    }

    @Override
    public void onComplete() {
      into.add("done");
    }
  }

  @Test
  void endOfASubscriptionHasItsCodec() throws Exception {
    RpcMethod<?, ?> counted = DispatchTest_StylesService.COUNTED;
    assertThat(counted.end().orElseThrow().read(WireReader.of(new byte[] {1, 0, 'x'})))
        .isEqualTo("x");
    assertThat(DispatchTest_StylesService.WORDS.end()).isPresent();
    assertThat(DispatchTest_StylesService.TWICE.idempotent()).isTrue();
    assertThat(DispatchTest_StylesService.NOTHING.idempotent()).isFalse();
  }

  @Test
  void cancellingWhatWasConvertedCancelsTheCall() {
    CompletableFuture<Optional<String>> call = new CompletableFuture<>();
    CompletableFuture<String> mapped = Stubs.map(call, it -> it.orElse(null));
    mapped.cancel(true);
    assertThat(call).isCancelled();

    CompletableFuture<ByteBuffer> other = new CompletableFuture<>();
    CompletableFuture<String> failing =
        Stubs.map(
            other,
            it -> {
              throw new IllegalStateException("no");
            });
    other.complete(ByteBuffer.allocate(0));
    assertThatThrownBy(failing::join).hasRootCauseMessage("no");
  }
}
