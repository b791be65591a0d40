package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.InterruptedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;

@Timeout(60)
@ExtendWith(LeakExtension.class)
final class AsyncTest {
  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  @Test
  void wholeConversationInFutures() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder)) {
      CompletableFuture<QuicConnection> accepting = server.acceptAsync();
      CompletableFuture<byte[]> answer =
          client
              .connectAsync(server.localAddress(), "localhost", null)
              .thenCompose(AsyncStream::openBidirectional)
              .thenCompose(stream ->
                  stream
                      .sendAndFinish(new byte[] {1, 2, 3})
                      .thenCompose(done -> stream.receiveAll(10)));
      CompletableFuture<Void> echo =
          accepting
              .thenCompose(AsyncStream::acceptBidirectional)
              .thenCompose(stream -> stream.receiveAll(10).thenCompose(stream::sendAndFinish));
      get(echo);
      assertThat(get(answer)).containsExactly(1, 2, 3);
    }
  }

  /** The hazard that futures completed under the connection's lock would have. */
  @Test
  void whatDependsOnAFutureUsesTheSameConnection() throws Exception {
    try (Loopback loopback = new Loopback()) {
      Waiting sink =
          Waiting.started(
              true,
              () -> {
                int all = 0;
                while (all < 2000) {
                  try (ReceiveStream stream =
                      loopback.serverConnection.acceptUnidirectional(Loopback.SOON)) {
                    all += stream.receiveAll(10).length;
                  }
                }
                return all;
              });
      CompletableFuture<Void> chain = CompletableFuture.completedFuture(null);
      for (int i = 0; i < 2000; i++) {
        chain =
            chain
                .thenCompose(done -> AsyncStream.openUnidirectional(loopback.clientConnection))
                .thenCompose(stream ->
                    stream
                        .sendAndFinish(new byte[] {1})
                        .thenRun(stream::close)
                        .thenRun(() -> {
                          // Closing after the finish ends nothing: it was acknowledged or will be.
                        }));
      }
      get(chain);
      assertThat(sink.value()).isEqualTo(2000);
    }
  }

  @Test
  void sendStaysIncompleteWithoutRoomAndASecondIsRefused() throws Exception {
    try (Scene scene = new Scene()) {
      AsyncStream stream = AsyncStream.of(scene.stream);
      CompletableFuture<Void> send = stream.send(new byte[Scene.TOO_MUCH]);
      assertThatThrownBy(() -> stream.send(new byte[1]))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("under way");
      assertThat(send).isNotDone();
      scene.drain();
      get(send);
      get(stream.flush());
    }
  }

  @Test
  void cancellingEndsTheCall() throws Exception {
    try (Scene scene = new Scene()) {
      AsyncStream stream = AsyncStream.of(scene.stream);
      CompletableFuture<byte[]> receive = stream.receive(10);
      assertThat(receive.cancel(true)).isTrue();
      assertThatThrownBy(() -> get(receive)).isInstanceOf(CancellationException.class);
      // Sent when the cancelled call has ended: before, it could still have received it.
      CompletableFuture<byte[]> next = null;
      while (next == null) {
        try {
          next = stream.receive(10);
        } catch (IllegalStateException e) {
          Thread.onSpinWait();
        }
      }
      scene.peer.send(new byte[] {5});
      assertThat(get(next)).containsExactly(5);
    }
  }

  @Test
  void cancelledConnectLeavesNothingBehind() throws Exception {
    try (QuicClient client = Loopback.client(builder -> builder);
        DatagramSocket silent =
            new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      CompletableFuture<QuicConnection> connect =
          client.connectAsync(
              (InetSocketAddress) silent.getLocalSocketAddress(), "localhost", null);
      assertThat(connect.cancel(true)).isTrue();
    }
  }

  @Test
  void failureIsTheBlockingCallsOwn() throws Exception {
    try (Scene scene = new Scene()) {
      CompletableFuture<byte[]> receive = AsyncStream.of(scene.stream).receive(10);
      scene.peer.reset(77);
      assertThatThrownBy(() -> get(receive))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfSatisfying(
              StreamException.class,
              e -> {
                assertThat(e.kind()).isEqualTo(Kind.STREAM_RESET);
                assertThat(e.code()).isEqualTo(77);
              });
    }
  }

  private static final class Collector implements Flow.Subscriber<Lease> {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final CountDownLatch ended = new CountDownLatch(1);
    final AtomicInteger calls = new AtomicInteger();
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    volatile Flow.Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription it) {
      subscription = it;
      it.request(1);
    }

    @Override
    public void onNext(Lease lease) {
      lease.forEach(
          chunk -> bytes.writeBytes(chunk.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)));
      if (calls.incrementAndGet() % 3 != 0) {
        subscription.request(1);
      } else {
        // From another thread, later.
        Thread unused = Thread.startVirtualThread(() -> subscription.request(1));
        assertThat(unused).isNotNull();
      }
    }

    @Override
    public void onError(Throwable why) {
      failure.set(why);
      ended.countDown();
    }

    @Override
    public void onComplete() {
      ended.countDown();
    }
  }

  @Test
  void publisherReadsWhatIsRequested() throws Exception {
    byte[] data = new byte[1_000_000];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 31);
    }
    try (Loopback loopback = new Loopback();
        SendStream ours = loopback.clientConnection.openUnidirectional()) {
      Waiting send =
          Waiting.started(
              true,
              () -> {
                ours.sendAndFinish(data);
                return true;
              });
      try (ReceiveStream theirs = loopback.serverConnection.acceptUnidirectional(Loopback.SOON)) {
        AsyncStream stream = AsyncStream.of(theirs);
        Collector collector = new Collector();
        stream.publisher().subscribe(collector);
        Collector second = new Collector();
        stream.publisher().subscribe(second);
        assertThat(second.ended.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(second.failure.get()).isInstanceOf(IllegalStateException.class);
        assertThat(collector.ended.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(collector.failure.get()).isNull();
        assertThat(collector.bytes.toByteArray()).isEqualTo(data);
        assertThat(send.value()).isEqualTo(true);
      }
    }
  }

  @Test
  void publisherTellsAnAbruptEndAndStopsWhenCancelled() throws Exception {
    try (Scene scene = new Scene()) {
      Collector collector = new Collector();
      AsyncStream.of(scene.stream).publisher().subscribe(collector);
      scene.peer.reset(3);
      assertThat(collector.ended.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(collector.failure.get()).isInstanceOf(StreamException.class);
    }
    try (Scene scene = new Scene()) {
      Collector collector = new Collector();
      AsyncStream.of(scene.stream).publisher().subscribe(collector);
      while (collector.subscription == null) {
        Thread.onSpinWait();
      }
      collector.subscription.cancel();
      // The peer is asked to stop.
      StreamException stopped = null;
      while (stopped == null) {
        try {
          scene.peer.send(new byte[100]);
        } catch (StreamException e) {
          stopped = e;
        }
      }
      assertThat(stopped.kind()).isEqualTo(Kind.STREAM_RESET);
      assertThat(collector.ended.getCount()).isEqualTo(1);
    }
  }

  @Test
  void interruptedCallSaysSo() throws Exception {
    CompletableFuture<Object> call =
        Futures.of(() -> {
          throw new InterruptedIOException("planted");
        });
    assertThatThrownBy(() -> get(call)).cause().isInstanceOf(InterruptedIOException.class);
  }
}
