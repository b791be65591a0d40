package rs.jetstream.rpc;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.StreamException;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.Frames;
import rs.jetstream.wire.MessageType;
import rs.jetstream.wire.ServiceVersion;
import rs.jetstream.wire.VersionMessage;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/**
 * One lane on the side that calls.
 *
 * <p>One virtual thread opens it and receives on it; who calls encodes, sends and waits. A response
 * is decoded by the thread that receives it, where it lies; a small one that a thread waits for is
 * given to that by the endpoint's own thread, and decoded there.
 */
final class ClientLane extends Timers.Watched {
  /** As in 9P, what is no tag of a call. */
  static final int NO_TAG = 0xffff;

  private final ClientSettings settings;
  private final ServiceDescriptor service;
  private final LaneTransport transport;
  private final LaneWriter writer;
  private final Slots<ClientCall<?>> calls;
  private final LaneSubscriptions subscriptions;
  private final WireReader reader = WireReader.of(MemorySegment.NULL);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final AtomicInteger givenUp = new AtomicInteger();
  private volatile long handshakeUntil = Timers.NEVER;
  private volatile boolean retired;
  private int maxFrame;

  ClientLane(
      ClientSettings settings, ServiceDescriptor service, LaneTransport transport, int maxCalls) {
    this.settings = settings;
    this.service = service;
    this.transport = transport;
    calls = new Slots<>(maxCalls);
    maxFrame = settings.maxFrame();
    writer = new LaneWriter(transport, maxFrame, settings.maxQueued(), this::fail, () -> {});
    subscriptions = new LaneSubscriptions(this, writer, settings.openTimeout(), service, maxCalls);
  }

  // Opening.

  /** Agrees on the version; the first call of the receiving thread. */
  void handshake() throws IOException {
    String doing = "open a lane for " + service.version().text();
    long until = System.nanoTime() + settings.openTimeout().toNanos();
    handshakeUntil = until;
    Timers.watch(this, until);
    boolean done = false;
    try {
      WireWriter frame = writer.take();
      Frames.write(
          frame,
          MessageType.VERSION_REQUEST,
          NO_TAG,
          VersionMessage.CODEC,
          new VersionMessage(maxFrame, service.version().text()));
      writer.write(frame);
      MemorySegment answer = transport.next();
      if (answer == null) {
        throw RpcException.refused(doing + " failed: the server has ended it unanswered", null);
      }
      agree(doing, answer);
      done = true;
    } catch (WireFormatException e) {
      throw RpcException.badMessage(doing + " failed: " + e.getMessage(), e);
    } catch (RpcException e) {
      throw e;
    } catch (IOException | IllegalStateException e) {
      Throwable why = failure.get();
      if (why == null) {
        why = e;
      }
      if (why instanceof StreamException it && it.kind() == Kind.STREAM_RESET) {
        throw RpcException.refused(doing + " failed: the server has reset it", e);
      }
      throw RpcException.because(doing, why, true);
    } finally {
      handshakeUntil = Timers.NEVER;
      if (!done) {
        transport.doneReceiving();
        transport.close();
      }
    }
  }

  private void agree(String doing, MemorySegment answer) throws IOException {
    int type = Frames.type(answer);
    if (Frames.tag(answer) != NO_TAG) {
      throw RpcException.badMessage(doing + " failed: the answer has another tag", null);
    }
    if (type == MessageType.ERROR) {
      ErrorMessage error = Frames.read(answer, ErrorMessage.CODEC);
      throw RpcException.refused(
          doing + " failed: " + Text.printable(error.message()),
          RpcException.remote("handshake", error));
    }
    if (type != MessageType.VERSION_RESPONSE) {
      throw RpcException.badMessage(doing + " failed: the answer is of type " + type, null);
    }
    VersionMessage version = Frames.read(answer, VersionMessage.CODEC);
    if (version.isUnknown()) {
      throw RpcException.refused(
          doing + " failed: the server does not know it, or not in this version", null);
    }
    ServiceVersion theirs = ServiceVersion.parse(version.version());
    if (!theirs.name().equals(service.name()) || theirs.major() != service.version().major()) {
      throw RpcException.refused(
          doing + " failed: the server answers as " + Text.printable(version.version()), null);
    }
    if (version.maxFrame() < ServerLane.MIN_FRAME) {
      throw RpcException.refused(
          doing + " failed: the server takes frames of " + version.maxFrame() + " bytes alone",
          null);
    }
    maxFrame = (int) Math.min(maxFrame, version.maxFrame());
  }

  /** Receives until the lane ends; the same thread that opened it. */
  void receive() {
    Throwable end = null;
    try {
      MemorySegment frame;
      while ((frame = transport.next(this::receiveAtOnce)) != null) {
        receive(frame);
      }
      end = new RpcException("the server has ended the lane", Kind.CLOSED);
    } catch (WireFormatException e) {
      end = unreadable(e);
    } catch (IOException | RuntimeException e) {
      end = e;
    } finally {
      fail(end == null ? new IllegalStateException("the receiving thread has died") : end);
      transport.doneReceiving();
      transport.close();
    }
  }

  private void receive(MemorySegment frame) throws IOException {
    int tag = Frames.tag(frame);
    ClientCall<?> call = calls.get(tag);
    if (call == null && subscriptions.receive(tag, frame)) {
      return;
    }
    if (call == null) {
      throw RpcException.badMessage(
          "the server has answered tag " + tag + ", which no call has", null);
    }
    finish(tag, call, read(call, frame, reader), false);
  }

  /**
   * Gives the result of a call to the thread that waits for it, which reads it, or to a future that
   * takes it on the endpoint's own thread. No other code of the program runs here.
   */
  private boolean receiveAtOnce(MemorySegment frame) {
    int tag = Frames.tag(frame);
    ClientCall<?> call = calls.get(tag);
    if (call == null || Frames.type(frame) != call.method().responseId()) {
      return false;
    }
    if (call.isAwaited()) {
      finish(tag, call, new ClientCall.Unread(frame.toArray(ValueLayout.JAVA_BYTE)), false);
      return true;
    }
    if (!call.completesAtOnce()) {
      return false;
    }
    Object outcome;
    try {
      outcome = read(call, frame, reader);
    } catch (IOException | Error e) {
      return false; // fails there once more, and ends the lane
    }
    finish(tag, call, outcome, true);
    return true;
  }

  private void finish(int tag, ClientCall<?> call, Object outcome, boolean here) {
    if (!calls.give(tag)) {
      return; // the lane has failed meanwhile
    }
    if (!call.finish(outcome, here)) {
      givenUp.decrementAndGet();
      endWhenIdle();
    }
  }

  private <R> R readHere(ClientCall<R> call, ClientCall.Unread unread) throws RpcException {
    Object outcome;
    try {
      outcome =
          read(call, MemorySegment.ofArray(unread.frame()), WireReader.of(MemorySegment.NULL));
    } catch (IOException e) {
      Throwable end = e instanceof WireFormatException it ? unreadable(it) : e;
      fail(end);
      outcome = new ClientCall.Lost(end, false);
    }
    return call.result(outcome);
  }

  private static RpcException unreadable(WireFormatException e) {
    return RpcException.badMessage("the server's message cannot be read: " + e.getMessage(), e);
  }

  private Object read(ClientCall<?> call, MemorySegment frame, WireReader reader)
      throws IOException {
    int type = Frames.type(frame);
    if (type == MessageType.ERROR) {
      return new ClientCall.Remote(Frames.read(frame, ErrorMessage.CODEC));
    }
    if (type != call.method().responseId()) {
      if (service.method(type - 1) == null) {
        throw RpcException.badMessage("the server's message is of unknown type " + type, null);
      }
      return new ClientCall.Lost(
          RpcException.badMessage("the server has answered another method", null), false);
    }
    WireReader payload = Frames.payload(frame, reader);
    Object result;
    try {
      result = call.method().result().read(payload);
    } catch (RuntimeException e) {
      // A codec of the program's own: the frames are in step.
      return new ClientCall.Lost(e, false);
    }
    payload.finish();
    return result;
  }

  // Calling.

  /** Whether a new call may be made here. */
  boolean isUsable() {
    return failure.get() == null && !retired;
  }

  int availableTags() {
    return calls.available();
  }

  /** Calls and waits for the answer. */
  <A, R> R call(RpcMethod<A, R> method, A arguments, long deadline)
      throws IOException, InterruptedException {
    boolean room = writer.awaitRoom(deadline);
    int tag = room ? calls.tryTake() : 0;
    if (room && tag == 0) {
      tag = calls.take(deadline - System.nanoTime());
    }
    if (tag == 0) {
      throw new RpcException(
          "call " + method.name() + " failed: the lane was busy up to its deadline", Kind.DEADLINE);
    }
    ClientCall<R> call = new ClientCall<>(method, deadline);
    send(tag, call, method, arguments);
    Object outcome = call.await(this::gaveUp);
    return outcome instanceof ClientCall.Unread unread
        ? readHere(call, unread)
        : call.result(outcome);
  }

  /**
   * Begins a call that completes {@code future}.
   *
   * @return null when that would have to wait
   */
  <A, R> @Nullable ClientCall<R> tryCall(
      RpcMethod<A, R> method, A arguments, long deadline, CallFuture<R> future)
      throws RpcException {
    int tag = writer.hasRoom() ? calls.tryTake() : 0;
    if (tag == 0) {
      return null;
    }
    ClientCall<R> call = new ClientCall<>(method, deadline, future);
    send(tag, call, method, arguments);
    return call;
  }

  private <A, R> void send(int tag, ClientCall<R> call, RpcMethod<A, R> method, A arguments)
      throws RpcException {
    calls.put(tag, call);
    boolean sent = false;
    try {
      WireWriter frame = request(tag, method, arguments);
      Timers.watch(this, call.deadline());
      writer.write(frame);
      sent = true;
    } finally {
      if (!sent) {
        boolean ignored = calls.give(tag);
        endWhenIdle();
      }
    }
  }

  /** The frame of a request, where the lane still takes one. */
  <A> WireWriter request(int tag, RpcMethod<A, ?> method, A arguments) throws RpcException {
    Throwable gone = failure.get();
    if (gone == null && retired) {
      gone = left();
    }
    if (gone != null) {
      throw RpcException.because("call " + method.name(), gone, true);
    }
    WireWriter frame = writer.take();
    String wrong = null;
    Throwable cause = null;
    try {
      Frames.write(frame, method.requestId(), tag, method.arguments(), arguments);
      if (frame.position() > maxFrame) {
        wrong = "it has " + frame.position() + " bytes, the server takes " + maxFrame;
      }
    } catch (WireFormatException | RuntimeException e) {
      wrong = String.valueOf(e.getMessage());
      cause = e;
    }
    if (wrong != null) {
      throw RpcException.notEncodable(
          "call " + method.name() + " failed: the request cannot be sent: " + wrong, cause);
    }
    return frame;
  }

  LaneSubscriptions subscriptions() {
    return subscriptions;
  }

  // Giving up.

  /** A call was given up: its tag stays taken. With too many of them, the lane takes no calls. */
  void gaveUp() {
    if (givenUp.incrementAndGet() > calls.max() / 2) {
      retired = true;
      endWhenIdle();
    }
  }

  /** Takes no more calls, and ends when those under way have ended. */
  void retire() {
    retired = true;
    endWhenIdle();
  }

  /** Not CLOSED_LOCALLY: a call that was not sent is made on another lane. */
  private static RpcException left() {
    return new RpcException("the lane is no longer used", Kind.CLOSED);
  }

  void endWhenIdle() {
    if (!retired || !subscriptions.areIdle()) {
      return;
    }
    int busy = calls.max() - calls.available();
    if (busy == 0) {
      writer.finish(); // the server answers by its own end
    } else if (busy <= givenUp.get()) {
      fail(left());
    }
  }

  @Override
  long look(long now) {
    long handshake = handshakeUntil;
    if (handshake != Timers.NEVER && handshake - now <= 0) {
      fail(new RpcException("the server has not answered the handshake in time", Kind.DEADLINE));
      return Timers.NEVER;
    }
    long[] next = {handshake};
    calls.forEach((tag, call) -> {
      if (call.isGivenUp()) {
        return;
      }
      if (call.deadline() - now > 0) {
        next[0] = Timers.earlier(next[0], call.deadline());
      } else if (call.expire()) {
        gaveUp();
      }
    });
    return next[0];
  }

  // The end.

  /** Every call fails now. Idempotent. */
  void fail(Throwable cause) {
    if (!failure.compareAndSet(null, cause)) {
      return;
    }
    calls.forEach((tag, call) -> {
      if (calls.give(tag)) {
        boolean ignored = call.finish(new ClientCall.Lost(cause, false));
      }
    });
    subscriptions.fail(cause);
    transport.close();
  }
}
