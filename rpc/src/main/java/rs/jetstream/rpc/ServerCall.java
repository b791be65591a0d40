package rs.jetstream.rpc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.PeerIdentity;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.rpc.Dispatcher.Binding;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.Frames;
import rs.jetstream.wire.MessageType;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireWriter;

/**
 * One call on the side that answers. It is answered once: by its handler, or at its deadline, or
 * not at all when the lane has ended.
 */
final class ServerCall<A, R> implements Runnable, RpcContext, Interceptor.Call {
  static final ThreadLocal<@Nullable RpcContext> CURRENT = new ThreadLocal<>();

  private static final System.Logger LOG = System.getLogger("rs.jetstream.rpc");
  private static final VarHandle ANSWERED;

  static {
    try {
      ANSWERED = MethodHandles.lookup().findVarHandle(ServerCall.class, "answered", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ServerLane lane;
  private final Services.Entry service;
  private final Binding<A, R> binding;
  private final int tag;
  private final A arguments;
  private final long deadline;
  private final RpcEvents.@Nullable Begun begun;
  private volatile @Nullable Thread thread;
  private volatile boolean cancelled;

  /** Null in a call that has one answer. */
  private final @Nullable ServerSubscription<R> subscription;

  @SuppressWarnings("unused") // by ANSWERED
  private volatile boolean answered;

  ServerCall(ServerLane lane, Services.Entry service, Binding<A, R> binding, int tag, A arguments) {
    this.lane = lane;
    this.service = service;
    this.binding = binding;
    this.tag = tag;
    this.arguments = arguments;
    deadline =
        binding.method().isSubscription()
            ? Timers.NEVER
            : System.nanoTime() + lane.settings.callTimeout().toNanos();
    subscription =
        binding.method().isSubscription() ? new ServerSubscription<>(this, binding.method()) : null;
    begun = lane.settings.events().begin();
  }

  int tag() {
    return tag;
  }

  long deadline() {
    return deadline;
  }

  boolean isNonBlocking() {
    return binding.handler() instanceof Handler.NonBlocking;
  }

  // Running.

  /** On a thread of its own, which is interrupted when nobody waits any more. */
  @Override
  public void run() {
    thread = Thread.currentThread();
    runHere();
  }

  /** On a thread that has more to do than this call, and must not wait. */
  void runHere() {
    CURRENT.set(this);
    boolean later = false;
    try {
      if (!cancelled) {
        service.authorization().check(this);
        later = handle();
      }
    } catch (Throwable e) { // of the handler's: it ends this call and no other
      fail(e);
    } finally {
      thread = null;
      CURRENT.remove();
      if (!later) {
        lane.returned();
      }
    }
  }

  /** True when the answer comes later, by another thread. */
  private boolean handle() throws Exception {
    List<Interceptor> interceptors = lane.settings.interceptors();
    Object result = interceptors.isEmpty() ? invoke() : proceed(interceptors, 0);
    if (binding.handler() instanceof Handler.Async<?, ?>) {
      if (!(result instanceof CompletionStage<?> stage)) {
        throw new NullPointerException(binding.method().name() + " has returned no stage");
      }
      CompletionStage<?> ignored = stage.whenComplete(this::completed);
      return true;
    }
    if (subscription != null) {
      subscription.send(result);
    } else {
      respond(result);
    }
    return false;
  }

  private @Nullable Object proceed(List<Interceptor> interceptors, int index) throws Exception {
    return index == interceptors.size()
        ? invoke()
        : interceptors.get(index).intercept(this, () -> proceed(interceptors, index + 1));
  }

  private Object invoke() throws Exception {
    return switch (binding.handler()) {
      case Handler.Blocking<A, R> it -> it.handle(this, arguments);
      case Handler.NonBlocking<A, R> it -> it.handle(this, arguments);
      case Handler.Async<A, R> it -> it.handle(this, arguments);
      case Handler.Publishing<A, R> it -> it.handle(this, arguments);
      case Handler.Streaming<A, R> it -> it.handle(this, arguments);
    };
  }

  /** The client wants no more items; false when this is no subscription, or has ended. */
  boolean cancelSubscription(int tagOfCancel) {
    if (subscription == null || !subscription.cancel(tagOfCancel)) {
      return false;
    }
    interrupt();
    return true;
  }

  private void completed(@Nullable Object result, @Nullable Throwable thrown) {
    if (lane.writer().hasRoom()) {
      complete(result, thrown);
    } else {
      // Whoever completes a stage is not made to wait for a peer.
      Thread.startVirtualThread(() -> complete(result, thrown));
    }
  }

  private void complete(@Nullable Object result, @Nullable Throwable thrown) {
    try {
      if (thrown == null) {
        respond(result);
      } else {
        Throwable cause = thrown.getCause();
        fail(thrown instanceof CompletionException && cause != null ? cause : thrown);
      }
    } finally {
      lane.returned();
    }
  }

  // Answering.

  @SuppressWarnings("unchecked") // an interceptor that returns something else fails its call
  private void respond(@Nullable Object result) {
    if (!claim()) {
      return;
    }
    Throwable failure = null;
    if (result == null) {
      failure = new NullPointerException(binding.method().name() + " has returned null");
      LOG.log(System.Logger.Level.WARNING, "a handler has failed", failure);
      send(MessageType.ERROR, ErrorMessage.CODEC, Errors.of(failure, backTraces()), true);
    } else {
      failure = send(binding.method().responseId(), binding.method().result(), (R) result, true);
      if (failure != null) {
        LOG.log(
            System.Logger.Level.WARNING,
            "the result of " + binding.method().name() + " cannot be sent",
            failure);
        send(MessageType.ERROR, ErrorMessage.CODEC, Errors.RESULT, true);
      }
    }
    ended(failure);
  }

  private void fail(Throwable thrown) {
    if (!claim()) {
      return;
    }
    if (!Errors.isForCaller(thrown)) {
      LOG.log(System.Logger.Level.WARNING, "the handler of " + binding.method().name(), thrown);
    }
    answer(Errors.of(thrown, backTraces()), thrown);
  }

  private void answer(ErrorMessage error, @Nullable Throwable failure) {
    boolean last = subscription == null;
    if (send(MessageType.ERROR, ErrorMessage.CODEC, error, last) != null) {
      send(MessageType.ERROR, ErrorMessage.CODEC, Errors.INTERNAL, last);
    }
    if (subscription != null) {
      subscription.sendEnd(null);
    }
    ended(failure);
  }

  private boolean backTraces() {
    return lane.settings.sendsBackTraces();
  }

  /** Whether this is the one that answers. */
  boolean claim() {
    return ANSWERED.compareAndSet(this, false, true);
  }

  /** Sends one frame under the call's tag; what it returns says why it could not be written. */
  <T extends @Nullable Object> @Nullable Throwable send(
      int type, Codec<T> codec, T payload, boolean last) {
    LaneWriter writer = lane.writer();
    if (Thread.currentThread().isVirtual()) {
      try {
        boolean ignored = writer.awaitRoom(Timers.NEVER);
      } catch (InterruptedException e) {
        // The answer is made, and goes out all the same.
      }
    }
    WireWriter frame = writer.take();
    Throwable failure = null;
    try {
      Frames.write(frame, type, tag, codec, payload);
      if (frame.position() > lane.maxFrame()) {
        failure =
            new IllegalArgumentException(
                "the answer has " + frame.position() + " bytes, the peer takes " + lane.maxFrame());
      }
    } catch (WireFormatException | RuntimeException | StackOverflowError e) {
      failure = e;
    }
    if (failure != null) {
      return failure;
    }
    if (last) {
      lane.answering(tag, this);
    }
    writer.write(frame);
    return null;
  }

  void ended(@Nullable Throwable failure) {
    RpcEvents.Begun it = begun;
    try {
      if (it != null) {
        lane.settings.events().ended(it, service(), method(), failure);
      }
    } finally {
      lane.answered(); // the lane waits for it before it ends
    }
  }

  /** Tells the client that its cancel, by a tag of its own, has done what it should. */
  void acknowledge(int tagOfCancel) {
    lane.acknowledge(tagOfCancel, tag);
  }

  // Ends from outside.

  /** The deadline has passed. */
  void expire() {
    if (claim()) {
      interrupt();
      if (lane.writer().hasRoom()) {
        answer(Errors.DEADLINE, null);
      } else {
        Thread.startVirtualThread(() -> answer(Errors.DEADLINE, null));
      }
    }
  }

  /** The server closes. */
  void closing() {
    if (claim()) {
      interrupt();
      answer(Errors.CLOSING, null);
    }
  }

  /** The lane has ended: nobody waits for an answer. */
  void cancel() {
    if (claim()) {
      interrupt();
      lane.answering(tag, this);
      ended(new RpcException("the caller has gone", Kind.CLOSED));
    }
  }

  private void interrupt() {
    cancelled = true;
    if (subscription != null) {
      subscription.closeSource();
    }
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }

  // What the handler and interceptors see.

  @Override
  public ServiceDescriptor service() {
    return service.dispatcher().service();
  }

  @Override
  public RpcMethod<?, ?> method() {
    return binding.method();
  }

  @Override
  public Object arguments() {
    return arguments;
  }

  @Override
  public RpcContext context() {
    return this;
  }

  @Override
  public Optional<PeerIdentity> peer() {
    return lane.origin.peer();
  }

  @Override
  public @Nullable InetSocketAddress peerAddress() {
    return lane.origin.address();
  }

  @Override
  public @Nullable QuicConnection connection() {
    return lane.origin.connection();
  }

  @Override
  public Callbacks callbacks() {
    return lane.origin.callbacks();
  }

  @Override
  public Duration remaining() {
    if (deadline == Timers.NEVER && !isCancelled()) {
      return Duration.ofNanos(Long.MAX_VALUE);
    }
    long left = deadline - System.nanoTime();
    return isCancelled() || left < 0 ? Duration.ZERO : Duration.ofNanos(left);
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }
}
