package rs.jetstream.quic;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A stream whose calls answer futures.
 *
 * <p>Each runs as the blocking call of the same name on a virtual thread, and its future is
 * completed there: what depends on it may use everything. A send stays incomplete while there is no
 * room, and one at a time is under way in each direction, so nothing can be queued without bound.
 * Cancelling a future interrupts its call; how much it has sent or received is then unknown, as
 * with an interrupted blocking call.
 *
 * {@snippet :
 * AsyncStream.openBidirectional(connection)
 *     .thenCompose(s -> s.sendAndFinish(request).thenCompose(done -> s.receiveAll(1 << 20)))
 *     .thenAccept(this::use);
 * }
 *
 * <h2>Lifecycle</h2>
 *
 * A view: closing it closes the stream.
 *
 * <h2>Threads</h2>
 *
 * Any thread. A second send, or receive, while one is under way is an IllegalStateException.
 */
public final class AsyncStream implements AutoCloseable {
  private final QuicStream stream;
  private final AtomicBoolean sending = new AtomicBoolean();
  private final AtomicBoolean receiving = new AtomicBoolean();

  private AsyncStream(QuicStream stream) {
    this.stream = stream;
  }

  /** A view of {@code stream}, which has the directions that it has. */
  public static AsyncStream of(QuicStream stream) {
    return new AsyncStream(Objects.requireNonNull(stream, "stream"));
  }

  /** As {@link QuicConnection#openBidirectional()}. Cancelling it gives the opening up. */
  public static CompletableFuture<AsyncStream> openBidirectional(QuicConnection connection) {
    return Futures.of(() -> of(connection.openBidirectional()));
  }

  /** As {@link QuicConnection#openUnidirectional()}. Cancelling it gives the opening up. */
  public static CompletableFuture<AsyncStream> openUnidirectional(QuicConnection connection) {
    return Futures.of(() -> of(connection.openUnidirectional()));
  }

  /** As {@link QuicConnection#acceptBidirectional()}. Cancelling it leaves streams to others. */
  public static CompletableFuture<AsyncStream> acceptBidirectional(QuicConnection connection) {
    return Futures.of(() -> of(connection.acceptBidirectional()));
  }

  /** As {@link QuicConnection#acceptUnidirectional()}. Cancelling it leaves streams to others. */
  public static CompletableFuture<AsyncStream> acceptUnidirectional(QuicConnection connection) {
    return Futures.of(() -> of(connection.acceptUnidirectional()));
  }

  /** The stream. */
  public QuicStream stream() {
    return stream;
  }

  private SendStream sender() {
    if (stream instanceof SendStream it) {
      return it;
    }
    throw new UnsupportedOperationException("stream " + stream.id() + " is receive-only");
  }

  private ReceiveStream receiver() {
    if (stream instanceof ReceiveStream it) {
      return it;
    }
    throw new UnsupportedOperationException("stream " + stream.id() + " is send-only");
  }

  private <T> CompletableFuture<T> one(AtomicBoolean direction, String doing, Callable<T> call) {
    if (!direction.compareAndSet(false, true)) {
      throw new IllegalStateException(
          doing + " stream " + stream.id() + ": another call is under way");
    }
    return Futures.of(() -> {
      try {
        return call.call();
      } finally {
        direction.set(false);
      }
    });
  }

  private interface Send {
    void send(SendStream stream) throws IOException;
  }

  private CompletableFuture<Void> send(String doing, Send send) {
    SendStream sender = sender();
    return this.<Void>one(
        sending,
        doing,
        () -> {
          send.send(sender);
          return null;
        });
  }

  /** Sends all of {@code data}, whose memory must stay as it is until then. */
  public CompletableFuture<Void> send(MemorySegment data) {
    return send("send on", stream -> stream.send(data));
  }

  /** Sends all of {@code data}, which must stay as it is until then. */
  public CompletableFuture<Void> send(byte[] data) {
    return send(MemorySegment.ofArray(data));
  }

  /** As {@link #send(byte[])}, and it is all that this side sends. */
  public CompletableFuture<Void> sendAndFinish(byte[] data) {
    return send("send on", stream -> stream.sendAndFinish(MemorySegment.ofArray(data)));
  }

  /** Says that this side sends no more. */
  public CompletableFuture<Void> finish() {
    return send("finish", SendStream::finish);
  }

  /** Completed when the peer has acknowledged all that was sent. */
  public CompletableFuture<Void> flush() {
    return send("flush", SendStream::flush);
  }

  /**
   * Receives what is there, waiting for at least a byte: up to {@code limit} bytes, and none at the
   * peer's clean end.
   */
  public CompletableFuture<byte[]> receive(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit is " + limit + ", must be at least 1");
    }
    ReceiveStream receiver = receiver();
    return one(
        receiving,
        "receive on",
        () -> {
          byte[] buffer = new byte[Math.min(limit, 1 << 16)];
          long count = receiver.receive(MemorySegment.ofArray(buffer));
          return Arrays.copyOf(buffer, Math.max(0, (int) count));
        });
  }

  /** Receives to the peer's clean end; fails with kind LIMIT when it is more than {@code limit}. */
  public CompletableFuture<byte[]> receiveAll(int limit) {
    ReceiveStream receiver = receiver();
    return one(receiving, "receive on", () -> receiver.receiveAll(limit));
  }

  /**
   * What is received, as leases, for one subscriber: one read for each that it requests, and none
   * before. {@code onNext} runs on a virtual thread of the subscription; the lease is closed when
   * it returns, so what is to be kept is copied. Ends with {@code onComplete} at the peer's clean
   * end, and with {@code onError} at any other; cancelling asks the peer to stop.
   */
  public Flow.Publisher<Lease> publisher() {
    ReceiveStream receiver = receiver();
    return subscriber -> {
      Objects.requireNonNull(subscriber, "subscriber");
      LeaseSubscription subscription = new LeaseSubscription(receiver, subscriber);
      if (receiving.compareAndSet(false, true)) {
        subscription.start();
      } else {
        subscription.refuse(
            new IllegalStateException(
                "receive on stream " + stream.id() + ": another call is under way"));
      }
    };
  }

  /** Closes the stream, as {@link QuicStream#close()}; calls under way fail. */
  @Override
  public void close() {
    stream.close();
  }
}
