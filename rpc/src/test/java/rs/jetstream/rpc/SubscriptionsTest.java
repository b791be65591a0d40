package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.wire.Codecs;
import rs.jetstream.wire.MessageType;
import rs.jetstream.wire.ServiceVersion;
import rs.jetstream.wire.Subscriptions;
import rs.jetstream.wire.Unit;

/** Subscriptions of the draft, Java to Java and by hand. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class SubscriptionsTest {
  /** Counts from 0 up to its argument; the end is what was counted. */
  private static final RpcMethod<Long, Long> COUNT =
      new RpcMethod<>("count", 104, Codecs.U32, Codecs.U32, Optional.of(Codecs.STRING), false);

  /** The same, published; the end says nothing. */
  private static final RpcMethod<Long, Long> PUBLISH =
      new RpcMethod<>("publish", 106, Codecs.U32, Codecs.U32, Optional.of(Codecs.UNIT), false);

  private static final RpcMethod<Unit, Unit> PING =
      new RpcMethod<>("ping", 102, Codecs.UNIT, Codecs.UNIT, Optional.empty(), false);
  private static final ServiceDescriptor SERVICE =
      new ServiceDescriptor(
          ServiceVersion.of("rs.jetstream.proto/counter/1.0.0"), List.of(PING, COUNT, PUBLISH));

  private final CountDownLatch stopped = new CountDownLatch(1);
  private final AtomicBoolean endless = new AtomicBoolean();

  /** Waits after the last item, when it is endless, until it is closed. */
  private final class Counter implements Subscription<Long, String> {
    private final long limit;
    private final CountDownLatch closed = new CountDownLatch(1);
    private long next;

    Counter(long limit) {
      this.limit = limit;
    }

    @Override
    public boolean hasNext() throws RpcException {
      if (next < limit) {
        return true;
      }
      if (limit == 13) {
        throw new RpcException("unlucky").errorCode("test::unlucky");
      }
      if (endless.get()) {
        try {
          closed.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      return false;
    }

    @Override
    public Long next() {
      return next++;
    }

    @Override
    public String end() {
      return "counted to " + limit;
    }

    @Override
    public void close() {
      closed.countDown();
      stopped.countDown();
    }
  }

  private static Flow.Publisher<Long> published(long limit) {
    return subscriber -> {
      SubmissionPublisher<Long> publisher = new SubmissionPublisher<>(Runnable::run, 8);
      publisher.subscribe(subscriber);
      Thread.startVirtualThread(() -> {
        for (long i = 0; i < limit && publisher.hasSubscribers(); i++) {
          publisher.submit(i);
        }
        publisher.close();
      });
    };
  }

  private JetStreamServer server() throws Exception {
    Dispatcher dispatcher =
        Dispatcher.builder(SERVICE)
            .blocking(PING, (context, nothing) -> nothing)
            .streaming(COUNT, (context, limit) -> new Counter(limit))
            .publishing(PUBLISH, (context, limit) -> published(limit))
            .build();
    return JetStreamServer.builder().quic(Ends.quicServer()).service(dispatcher).open();
  }

  private static JetStreamClient client(JetStreamServer server) throws Exception {
    return JetStreamClient.builder()
        .quic(Ends.quicClient())
        .address("127.0.0.1", server.localAddress().getPort())
        .open();
  }

  private interface Body {
    void run(JetStreamServer server, Caller caller) throws Exception;
  }

  private void served(Body body) throws Exception {
    try (JetStreamServer server = server();
        JetStreamClient client = client(server)) {
      body.run(server, client.caller(SERVICE));
    }
  }

  @Test
  void itemsComeInOrderThenTheEnd() throws Exception {
    served((server, caller) -> {
      for (long limit : new long[] {0, 1, 10, 60}) {
        try (Subscription<Long, String> items = caller.subscribe(COUNT, limit)) {
          List<Long> seen = new ArrayList<>();
          while (items.hasNext()) {
            seen.add(items.next());
          }
          assertThat(seen).hasSize((int) limit).isSorted();
          assertThat(items.end()).isEqualTo("counted to " + limit);
          assertThat(catchThrowable(items::next)).isInstanceOf(NoSuchElementException.class);
        }
      }
    });
  }

  @Test
  void aFailureComesAfterTheItems() throws Exception {
    served((server, caller) -> {
      try (Subscription<Long, String> items = caller.subscribe(COUNT, 13L)) {
        for (int i = 0; i < 13; i++) {
          assertThat(items.next()).isEqualTo(i);
        }
        RpcException failed = catchThrowableOfType(RpcException.class, items::hasNext);
        assertThat(failed.errorCode()).contains("test::unlucky");
        assertThat(catchThrowable(items::end)).isInstanceOf(IllegalStateException.class);
      }
      assertThat(caller.call(PING, Unit.INSTANCE)).isEqualTo(Unit.INSTANCE);
    });
  }

  @Test
  void closingReachesTheProducer() throws Exception {
    endless.set(true);
    served((server, caller) -> {
      Subscription<Long, String> items = caller.subscribe(COUNT, 3L);
      assertThat(items.next()).isZero();
      items.close();
      stopped.await();
      assertThat(catchThrowable(items::hasNext)).isInstanceOf(IllegalStateException.class);
      assertThat(caller.call(PING, Unit.INSTANCE)).isEqualTo(Unit.INSTANCE);
    });
  }

  @Test
  void aThousandSubscriptionsThatAreCancelledFreeTheirTags() throws Exception {
    endless.set(true);
    served((server, caller) -> {
      for (int i = 0; i < 1000; i++) {
        try (Subscription<Long, String> items = caller.subscribe(COUNT, 1L)) {
          assertThat(items.next()).isZero();
        } catch (RpcException e) {
          // Tags come back with the server's answers; a call waits for some of them.
          assertThat(e.kind()).isEqualTo(Kind.LIMIT);
          caller.call(PING, Unit.INSTANCE);
        }
      }
      assertThat(caller.call(PING, Unit.INSTANCE)).isEqualTo(Unit.INSTANCE);
    });
  }

  @Test
  void aSlowSubscriberIsEndedAndStallsNobody() throws Exception {
    served((server, caller) -> {
      Subscription<Long, String> slow = caller.subscribe(COUNT, 100_000L);
      stopped.await(); // the cancel that its falling behind has sent
      assertThat(caller.call(PING, Unit.INSTANCE)).isEqualTo(Unit.INSTANCE);
      for (int i = 0; i < ClientSubscription.BUFFER; i++) {
        assertThat(slow.next()).isEqualTo(i);
      }
      RpcException failed = catchThrowableOfType(RpcException.class, slow::hasNext);
      assertThat(failed.kind()).isEqualTo(Kind.LIMIT);
      assertThat(failed).hasMessageContaining("fallen behind");
      slow.close();
    });
  }

  @Test
  void whatIsPublishedComesToAPublishersSubscriber() throws Exception {
    served((server, caller) -> {
      List<Long> seen = new ArrayList<>();
      CompletableFuture<List<Long>> done = new CompletableFuture<>();
      caller.publish(PUBLISH, 50L).subscribe(new Collecting(seen, done));
      assertThat(done.get(20, TimeUnit.SECONDS)).hasSize(50).isSorted();
      CompletableFuture<List<Long>> failed = new CompletableFuture<>();
      caller.publish(COUNT, 13L).subscribe(new Collecting(new ArrayList<>(), failed));
      assertThat(catchThrowable(() -> failed.get(20, TimeUnit.SECONDS)))
          .hasCauseInstanceOf(RpcException.class);
    });
  }

  private static final class Collecting implements Flow.Subscriber<Long> {
    private final List<Long> seen;
    private final CompletableFuture<List<Long>> done;
    private Flow.Subscription subscription;

    Collecting(List<Long> seen, CompletableFuture<List<Long>> done) {
      this.seen = seen;
      this.done = done;
    }

    @Override
    public void onSubscribe(Flow.Subscription it) {
      subscription = it;
      it.request(1);
    }

    @Override
    public void onNext(Long item) {
      seen.add(item);
      subscription.request(1);
    }

    @Override
    public void onError(Throwable failure) {
      done.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      done.complete(seen);
    }
  }

  @Test
  void aSubscriptionFailsWithItsLane() throws Exception {
    endless.set(true);
    served((server, caller) -> {
      Subscription<Long, String> items = caller.subscribe(COUNT, 1L);
      assertThat(items.next()).isZero();
      server.quic().close();
      assertThat(catchThrowable(items::hasNext)).isInstanceOf(RpcException.class);
      stopped.await();
      items.close();
    });
  }

  @Test
  void theFramesAreThoseOfTheDraft() throws Exception {
    endless.set(true);
    served((server, caller) -> {
      try (Ends.Raw raw = new Ends.Raw(server);
          RawLane lane = new RawLane(raw.open())) {
        String version = SERVICE.version().text();
        lane.send(RawLane.version(MessageType.VERSION_REQUEST, 1, 1 << 16, version));
        assertThat(RawLane.type(lane.next())).isEqualTo(MessageType.VERSION_RESPONSE);
        lane.send(RawLane.request(COUNT, 2, 1L));
        assertThat(lane.nextHex()).isEqualTo("0b00000069020000000000");
        lane.send(
            RawLane.frame(
                MessageType.SUBSCRIPTION_CANCEL,
                500,
                Subscriptions.Cancel.CODEC,
                new Subscriptions.Cancel(2, 0)));
        assertThat(lane.nextHex()).isEqualTo("0800000008020000"); // cut short
        assertThat(lane.nextHex()).isEqualTo("090000000af4010200"); // acknowledged, after it
        // One that is not there is acknowledged, too.
        lane.send(
            RawLane.frame(
                MessageType.SUBSCRIPTION_CANCEL,
                501,
                Subscriptions.Cancel.CODEC,
                new Subscriptions.Cancel(77, 0)));
        assertThat(lane.nextHex()).isEqualTo("090000000af5014d00");
        endless.set(false);
        lane.send(RawLane.request(COUNT, 2, 0L));
        assertThat(lane.nextHex())
            .startsWith("16000000080200" + "68" + "0c00") // the end, of method 104, a text of 12
            .endsWith("636f756e74656420746f2030");
        lane.stream.finish();
        assertThat(lane.next()).isEmpty();
      }
    });
  }
}
