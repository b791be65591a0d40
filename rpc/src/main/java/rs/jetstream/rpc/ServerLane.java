package rs.jetstream.rpc;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.PeerIdentity;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.rpc.Dispatcher.Binding;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.Frames;
import rs.jetstream.wire.MessageType;
import rs.jetstream.wire.ServiceVersion;
import rs.jetstream.wire.Subscriptions;
import rs.jetstream.wire.VersionMessage;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/**
 * One lane on the side that answers: handshake, then calls until the client's end.
 *
 * <p>Its virtual thread receives; each call runs on a virtual thread of its own and sends its
 * answer itself, but for those that do not block: they run where they are received, which may be
 * the endpoint's own thread. No more calls are taken than may be under way at once: what waits,
 * waits with the peer, held by flow control.
 */
final class ServerLane extends Timers.Watched implements Runnable {
  /** The least that a client must take: the answers of a handshake and the errors. */
  static final int MIN_FRAME = 64;

  /** A client that takes less is not told what was wrong with its message. */
  private static final int ROOM_FOR_REASON = 1024;

  private static final System.Logger LOG = System.getLogger("rs.jetstream.rpc");

  /** Where a lane comes from. */
  record Origin(
      Optional<PeerIdentity> peer,
      @Nullable InetSocketAddress address,
      @Nullable QuicConnection connection,
      Callbacks callbacks) {}

  final ServerSettings settings;
  final Origin origin;
  private final LaneTransport transport;
  private final LaneWriter writer;
  private final WireReader reader = WireReader.of(MemorySegment.NULL);

  /** Calls whose answer was not sent, by their tags. */
  private final ConcurrentHashMap<Integer, ServerCall<?, ?>> calls = new ConcurrentHashMap<>();

  /** Calls that may still begin; a call holds one until its handler has returned. */
  private final Semaphore room;

  private final AtomicInteger unanswered = new AtomicInteger();
  private volatile @Nullable Thread self;
  private volatile boolean finished;
  private volatile long handshakeUntil = Timers.NEVER;
  private volatile boolean dead;
  private volatile boolean closing;
  private Services.@Nullable Entry service;
  private volatile int maxFrame;

  ServerLane(ServerSettings settings, LaneTransport transport, Origin origin) {
    this.settings = settings;
    this.transport = transport;
    this.origin = origin;
    maxFrame = settings.maxFrame();
    room = new Semaphore(settings.maxCallsPerLane());
    writer = new LaneWriter(transport, maxFrame, settings.maxQueued(), e -> kill(), this::finished);
  }

  @Override
  public void run() {
    self = Thread.currentThread();
    try {
      if (handshake()) {
        serve();
        drain();
      }
      writer.finish();
      awaitFinished();
      if (closing && !dead) {
        transport.flush();
      }
    } catch (IOException | IllegalStateException e) {
      // The peer or its connection has gone, and whoever called knows.
      kill();
    } finally {
      if (!finished) {
        kill();
      }
      transport.doneReceiving();
      transport.close();
    }
  }

  // The handshake.

  private boolean handshake() throws IOException {
    long until = System.nanoTime() + settings.handshakeTimeout().toNanos();
    handshakeUntil = until;
    Timers.watch(this, until);
    MemorySegment frame = transport.next();
    handshakeUntil = Timers.NEVER;
    if (frame == null) {
      return false;
    }
    VersionMessage asked = null;
    if (Frames.type(frame) == MessageType.VERSION_REQUEST) {
      try {
        asked = Frames.read(frame, VersionMessage.CODEC);
      } catch (WireFormatException e) {
        // Answered like any other first frame that is none.
      }
    }
    if (asked == null) {
      transport.stop();
      return false;
    }
    Services.Entry found = find(asked);
    VersionMessage answer = VersionMessage.unknown();
    if (found != null && asked.maxFrame() >= MIN_FRAME) {
      service = found;
      maxFrame = (int) Math.min(settings.maxFrame(), asked.maxFrame());
      answer = new VersionMessage(maxFrame, found.dispatcher().service().version().text());
    }
    send(MessageType.VERSION_RESPONSE, Frames.tag(frame), VersionMessage.CODEC, answer);
    if (answer.isUnknown()) {
      transport.stop();
      return false;
    }
    return true;
  }

  private Services.@Nullable Entry find(VersionMessage asked) {
    ServiceVersion version;
    try {
      version = ServiceVersion.parse(asked.version());
    } catch (WireFormatException e) {
      return null;
    }
    Services.Entry found = settings.services().get(version.name());
    if (found == null) {
      return null;
    }
    ServiceVersion ours = found.dispatcher().service().version();
    boolean sameDigest = !settings.requiresSameDigest() || ours.build().equals(version.build());
    return ours.serves(version) && sameDigest ? found : null;
  }

  /** A handshake on a lane that has had one: the service stays, the limit may change. */
  private void handshakeAgain(MemorySegment frame, Services.Entry service)
      throws WireFormatException {
    VersionMessage asked = Frames.read(frame, VersionMessage.CODEC);
    VersionMessage answer = VersionMessage.unknown();
    if (service.equals(find(asked)) && asked.maxFrame() >= MIN_FRAME) {
      maxFrame = (int) Math.min(settings.maxFrame(), asked.maxFrame());
      answer = new VersionMessage(maxFrame, service.dispatcher().service().version().text());
    }
    send(MessageType.VERSION_RESPONSE, Frames.tag(frame), VersionMessage.CODEC, answer);
  }

  // Calls.

  private void serve() throws IOException {
    Services.Entry it = service;
    if (it == null) {
      throw new IllegalStateException("no service");
    }
    // Interceptors may wait, whatever the methods do.
    boolean atOnce = it.dispatcher().hasNonBlocking() && settings.interceptors().isEmpty();
    while (true) {
      MemorySegment frame;
      try {
        frame = atOnce ? transport.next(this::acceptAtOnce) : transport.next();
      } catch (IOException e) {
        if (closing || isBadFrame(e)) {
          transport.stop();
          return;
        }
        throw e;
      }
      if (frame == null || !accept(frame, it)) {
        return;
      }
    }
  }

  /** Ends a subscription; acknowledged after its end, and also when there is none. */
  private void cancel(int tag, Subscriptions.Cancel cancel) {
    ServerCall<?, ?> call = cancel.binding() == 0 ? calls.get(cancel.tag()) : null;
    if (call == null || !call.cancelSubscription(tag)) {
      acknowledge(tag, cancel.tag());
    }
  }

  /** Says that the subscription of {@code cancelled} has ended, as {@code tag} has asked for. */
  void acknowledge(int tag, int cancelled) {
    send(
        MessageType.SUBSCRIPTION_CANCELLED,
        tag,
        Subscriptions.Cancelled.CODEC,
        new Subscriptions.Cancelled(cancelled));
  }

  private static boolean isBadFrame(IOException e) {
    return e instanceof JetStreamException it && it.kind() == Kind.BAD_FRAME;
  }

  /** Begins what {@code frame} asks for; false when it breaks the protocol. */
  private boolean accept(MemorySegment frame, Services.Entry it) {
    int type = Frames.type(frame);
    int tag = Frames.tag(frame);
    Binding<?, ?> binding = it.dispatcher().binding(type);
    ServerCall<?, ?> call;
    try {
      if (frame.byteSize() > maxFrame) {
        return refuse(tag, "the frame is larger than was agreed");
      }
      if (type == MessageType.VERSION_REQUEST) {
        handshakeAgain(frame, it);
        return true;
      }
      if (type == MessageType.SUBSCRIPTION_CANCEL && it.hasSubscriptions()) {
        cancel(tag, Frames.read(frame, Subscriptions.Cancel.CODEC));
        return true;
      }
      if (binding == null) {
        return refuse(tag, "the service has no message of type " + type);
      }
      call = read(binding, it, frame);
    } catch (WireFormatException e) {
      // Not its message, which may name classes.
      return refuse(tag, "the message cannot be read: " + e.kind() + " at byte " + e.offset());
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "a codec failed on the arguments of a call", e);
      return refuse(tag, "the message cannot be read");
    }
    return begin(call);
  }

  private <A, R> ServerCall<A, R> read(
      Binding<A, R> binding, Services.Entry it, MemorySegment frame) throws WireFormatException {
    WireReader payload = Frames.payload(frame, reader);
    A arguments = binding.method().arguments().read(payload);
    payload.finish();
    return new ServerCall<>(this, it, binding, Frames.tag(frame), arguments);
  }

  /** Whether the call's tag was free, and is taken. */
  private boolean enter(ServerCall<?, ?> call) {
    if (calls.putIfAbsent(call.tag(), call) != null) {
      return false;
    }
    unanswered.incrementAndGet();
    Timers.watch(this, call.deadline());
    return true;
  }

  private boolean begin(ServerCall<?, ?> call) {
    if (!enter(call)) {
      // Nothing can be said under a tag that is to be answered.
      transport.stop();
      return false;
    }
    room.acquireUninterruptibly();
    return run(call);
  }

  /** Runs a call that has its tag and room; false when the lane has ended meanwhile. */
  private boolean run(ServerCall<?, ?> call) {
    if (dead) {
      call.cancel();
    } else if (closing) {
      call.closing();
    } else if (call.isNonBlocking() && settings.interceptors().isEmpty()) {
      call.runHere();
      return true;
    } else {
      Thread.startVirtualThread(call);
      return true;
    }
    return false;
  }

  /**
   * Answers the call of a method that does not block, on the endpoint's own thread. What is no such
   * call, or would have to wait, is left to {@link #accept} as it came.
   */
  private boolean acceptAtOnce(MemorySegment frame) {
    Services.Entry it = service;
    if (it == null || dead || closing || frame.byteSize() > maxFrame || !writer.hasRoom()) {
      return false;
    }
    Binding<?, ?> binding = it.dispatcher().binding(Frames.type(frame));
    if (binding == null || !(binding.handler() instanceof Handler.NonBlocking)) {
      return false;
    }
    ServerCall<?, ?> call;
    try {
      call = read(binding, it, frame);
    } catch (WireFormatException | RuntimeException | Error e) {
      return false; // fails there once more, and is answered there
    }
    if (!room.tryAcquire()) {
      return false;
    }
    if (!enter(call)) {
      room.release();
      return false;
    }
    boolean ignored = run(call);
    return true;
  }

  /** Answers {@code tag}, unless a call has it, and reads no more. */
  private boolean refuse(int tag, String why) {
    if (!calls.containsKey(tag)) {
      boolean fits = maxFrame >= ROOM_FOR_REASON;
      send(
          MessageType.ERROR,
          tag,
          ErrorMessage.CODEC,
          fits ? Errors.of(why, Errors.BAD_MESSAGE) : ErrorMessage.of("bad message"));
    }
    transport.stop();
    return false;
  }

  // Answers.

  private <T> void send(int type, int tag, Codec<T> codec, T payload) {
    WireWriter frame = writer.take();
    try {
      Frames.write(frame, type, tag, codec, payload);
    } catch (WireFormatException e) {
      throw new IllegalStateException("cannot write " + payload, e);
    }
    writer.write(frame);
  }

  /** What may be sent in one frame. */
  int maxFrame() {
    return maxFrame;
  }

  LaneWriter writer() {
    return writer;
  }

  boolean isDead() {
    return dead;
  }

  /** The answer of {@code tag} comes now: the client may use it again. */
  void answering(int tag, ServerCall<?, ?> call) {
    calls.remove(tag, call);
  }

  /** An answer was written. */
  void answered() {
    if (unanswered.decrementAndGet() == 0) {
      LockSupport.unpark(self);
    }
  }

  /** A handler has returned. */
  void returned() {
    room.release();
  }

  // The end.

  private void drain() {
    while (unanswered.get() > 0 && !dead) {
      park();
    }
  }

  private void finished() {
    finished = true;
    LockSupport.unpark(self);
  }

  private void awaitFinished() {
    while (!finished && !dead) {
      park();
    }
  }

  private void park() {
    LockSupport.park(this);
    // There is nothing here that an interrupt should end.
    boolean ignored = Thread.interrupted();
  }

  /** Answers what is under way by an error, and ends. For a server that closes. */
  void close() {
    closing = true;
    transport.stop();
    calls.values().forEach(ServerCall::closing);
    room.release();
  }

  /** The lane has ended under its calls. Idempotent. */
  void kill() {
    dead = true;
    calls.values().forEach(ServerCall::cancel);
    room.release();
    transport.close();
    LockSupport.unpark(self);
  }

  @Override
  long look(long now) {
    long next = Timers.NEVER;
    long handshake = handshakeUntil;
    if (handshake != Timers.NEVER) {
      if (handshake - now <= 0) {
        kill();
        return Timers.NEVER;
      }
      next = handshake;
    }
    for (ServerCall<?, ?> call : calls.values()) {
      long deadline = call.deadline();
      if (deadline != Timers.NEVER && deadline - now <= 0) {
        call.expire();
      } else {
        next = Timers.earlier(next, deadline);
      }
    }
    return next;
  }
}
