package rs.jetstream.quic;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeStatus;
import rs.jetstream.ffi.NativeStream;
import rs.jetstream.ffi.WakeSlot;
import rs.jetstream.ffi.Working;
import rs.jetstream.quic.JetStreamException.Kind;

/**
 * What all kinds of streams do.
 *
 * <p>{@link #state} counts who is inside: a direction's outputs lie in memory of the slot, which
 * goes to another stream only when this one is closed and nobody is in a call any more.
 */
abstract class AbstractStream implements Working {
  private static final int SENDING = 1;
  private static final int RECEIVING = 2;
  private static final int CLOSED = 4;
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(AbstractStream.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final QuicConnection connection;
  private final WakeSlot slot;
  private final Waiter sender = new Waiter();
  private final Waiter receiver = new Waiter();
  private long handle;
  private long id = -1;
  private volatile @Nullable Duration timeout;

  /** Reads on the endpoint's thread; null until a reader of frames wants that. */
  private volatile @Nullable AtOnce atOnce;

  @SuppressWarnings("unused") // by STATE
  private volatile int state;

  AbstractStream(QuicConnection connection) {
    this.connection = connection;
    this.slot = WakeSlot.take(this);
  }

  /** The token for the native half, before there is a stream. */
  final long token() {
    return slot.token();
  }

  /** The native half made the stream. */
  final void attach(long handle, long id) {
    this.handle = handle;
    this.id = id;
  }

  /** The stream's number in the native half. */
  final long handle() {
    return handle;
  }

  /** The native half did not make one. */
  final void discard() {
    slot.release();
  }

  @Override
  public final void wake(int operation) {
    if (operation == NativeStream.WAKE_SEND) {
      sender.wake();
    } else if (atOnce == null) {
      receiver.wake();
    }
  }

  @Override
  public final boolean hasWork(int operation) {
    return operation == NativeStream.WAKE_RECEIVE && atOnce != null;
  }

  @Override
  public final void work(int operation) {
    AtOnce reader = atOnce;
    if (reader != null) {
      reader.read(handle, slot, receiver);
    }
  }

  /** Whether a call waits now. */
  final boolean isWaiting() {
    return sender.isWaiting() || receiver.isWaiting();
  }

  /** All who wait look again. */
  final void wakeAll() {
    sender.wake();
    receiver.wake();
  }

  public final long id() {
    return id;
  }

  public final QuicConnection connection() {
    return connection;
  }

  public final boolean isClosed() {
    return (state & CLOSED) != 0;
  }

  public final @Nullable Duration timeout() {
    return timeout;
  }

  public final void timeout(@Nullable Duration timeout) {
    if (timeout != null && timeout.isNegative()) {
      throw new IllegalArgumentException("timeout is " + timeout + ", must not be negative");
    }
    this.timeout = timeout;
  }

  public final void close() {
    int before = (int) STATE.getAndBitwiseOr(this, CLOSED);
    if ((before & CLOSED) != 0) {
      return;
    }
    connection.forget(this);
    NativeStream.free(handle);
    wakeAll();
    if (before == 0) {
      slot.release();
    }
  }

  private void enter(int direction, String doing) {
    while (true) {
      int now = state;
      if ((now & CLOSED) != 0) {
        throw new IllegalStateException(doing + " stream " + id + ": the stream is closed");
      }
      if ((now & direction) != 0) {
        throw new IllegalStateException(
            doing + " stream " + id + ": another thread is doing the same");
      }
      if (STATE.compareAndSet(this, now, now | direction)) {
        return;
      }
    }
  }

  private void leave(int direction) {
    int before = (int) STATE.getAndBitwiseAnd(this, ~direction);
    if (before == (CLOSED | direction)) {
      slot.release();
    }
  }

  // Sending.

  public final void send(MemorySegment data) throws IOException {
    send(data, 0);
  }

  public final void sendAndFinish(MemorySegment data) throws IOException {
    send(data, NativeStream.FINISH);
  }

  public final void send(ByteBuffer data) throws IOException {
    int length = data.remaining();
    send(MemorySegment.ofBuffer(data), 0);
    data.position(data.position() + length);
  }

  private void send(MemorySegment data, int flags) throws IOException {
    enter(SENDING, "send on");
    try {
      if (data.isNative()) {
        sendNative(data, flags);
      } else {
        sendHeap(data, flags);
      }
    } finally {
      leave(SENDING);
    }
  }

  private void sendNative(MemorySegment data, int flags) throws IOException {
    Block block = slot.first();
    long deadline = Waiter.deadlineAfter(timeout);
    long size = data.byteSize();
    long sent = 0;
    do {
      sender.arm();
      int status =
          NativeStream.pollSend(handle, sent == 0 ? data : data.asSlice(sent), flags, block);
      if (status == NativeStatus.OK) {
        sent += block.long0();
      } else {
        roomOrThrow(status, block, deadline);
      }
      // An empty send with the flag to finish goes round once.
    } while (sent < size);
  }

  private void sendHeap(MemorySegment data, int flags) throws IOException {
    long size = data.byteSize();
    Block block = slot.first();
    if (size <= Block.SCRATCH_SIZE) {
      MemorySegment copy = block.scratch().asSlice(0, size);
      MemorySegment.copy(data, 0, copy, 0, size);
      sendNative(copy, flags);
      return;
    }
    // Straight into memory that is then sent: the only copy.
    long piece = Math.min(size, connection.settings().maxClaim());
    for (long sent = 0; sent < size; sent += piece) {
      piece = Math.min(size - sent, piece);
      check("claim on", NativeStream.claim(handle, piece, block), block);
      long claim = block.long1();
      boolean committed = false;
      try {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment.copy(data, sent, NativeStream.claimed(piece, arena, block), 0, piece);
        }
        commitEntered(claim, piece, sent + piece == size ? flags : 0);
        committed = true;
      } finally {
        if (!committed) {
          NativeStream.freeClaim(claim);
        }
      }
    }
  }

  public final long trySend(MemorySegment data) throws IOException {
    enter(SENDING, "send on");
    try {
      Block block = slot.first();
      long size = data.byteSize();
      if (data.isNative()) {
        return tryOnce(data, block);
      }
      if (size <= Block.SCRATCH_SIZE) {
        MemorySegment copy = block.scratch().asSlice(0, size);
        MemorySegment.copy(data, 0, copy, 0, size);
        return tryOnce(copy, block);
      }
      long sent = 0;
      while (sent < size) {
        long piece = Math.min(size - sent, connection.settings().maxClaim());
        if (!tryClaimed(data.asSlice(sent, piece), block)) {
          break;
        }
        sent += piece;
      }
      return sent;
    } finally {
      leave(SENDING);
    }
  }

  private long tryOnce(MemorySegment data, Block block) throws IOException {
    int status = NativeStream.pollSend(handle, data, 0, block);
    if (status == NativeStatus.PENDING) {
      return 0;
    }
    check("send on", status, block);
    return block.long0();
  }

  /** All of {@code data} or nothing. */
  private boolean tryClaimed(MemorySegment data, Block block) throws IOException {
    long size = data.byteSize();
    check("claim on", NativeStream.claim(handle, size, block), block);
    long claim = block.long1();
    boolean committed = false;
    try {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment.copy(data, 0, NativeStream.claimed(size, arena, block), 0, size);
      }
      int status = NativeStream.pollCommit(handle, claim, size, 0, block);
      if (status != NativeStatus.PENDING) {
        check("send on", status, block);
        committed = true;
      }
      return committed;
    } finally {
      if (!committed) {
        NativeStream.freeClaim(claim);
      }
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // the claim does
  public final Claim claim(long size) throws IOException {
    enter(SENDING, "claim on");
    try {
      Block block = slot.first();
      check("claim on", NativeStream.claim(handle, size, block), block);
      Claim claim = null;
      try {
        Arena arena = Arena.ofConfined();
        claim = new Claim(this, block.long1(), arena, NativeStream.claimed(size, arena, block));
        return claim;
      } finally {
        if (claim == null) {
          NativeStream.freeClaim(block.long1()); // out of memory
        }
      }
    } finally {
      leave(SENDING);
    }
  }

  final void commit(long claim, long size, int flags) throws IOException {
    enter(SENDING, "commit on");
    try {
      commitEntered(claim, size, flags);
    } finally {
      leave(SENDING);
    }
  }

  private void commitEntered(long claim, long size, int flags) throws IOException {
    Block block = slot.first();
    long deadline = Waiter.deadlineAfter(timeout);
    while (true) {
      sender.arm();
      int status = NativeStream.pollCommit(handle, claim, size, flags, block);
      if (status == NativeStatus.OK) {
        return;
      }
      roomOrThrow(status, block, deadline);
    }
  }

  public final void flush() throws IOException {
    enter(SENDING, "flush");
    try {
      Block block = slot.first();
      long deadline = Waiter.deadlineAfter(timeout);
      while (true) {
        sender.arm();
        int status = NativeStream.pollFlush(handle, block);
        if (status == NativeStatus.OK) {
          return;
        }
        pendingOrThrow("flush", status, block, sender, deadline);
      }
    } finally {
      leave(SENDING);
    }
  }

  public final void finish() throws IOException {
    control("finish", 0, (stream, code, block) -> NativeStream.finish(stream, block));
    // s2n-quic forgets the waiter that this side ends.
    sender.wake();
  }

  public final void reset(long code) throws IOException {
    control("reset", code, NativeStream::reset);
    sender.wake();
  }

  // Receiving.

  public final long receive(MemorySegment target) throws IOException {
    enter(RECEIVING, "receive on");
    try {
      return target.isNative() ? receiveNative(target) : receiveHeap(target);
    } finally {
      leave(RECEIVING);
    }
  }

  public final int receive(ByteBuffer target) throws IOException {
    int count = (int) receive(MemorySegment.ofBuffer(target));
    if (count > 0) {
      target.position(target.position() + count);
    }
    return count;
  }

  private long receiveNative(MemorySegment target) throws IOException {
    Block block = slot.second();
    long deadline = Waiter.deadlineAfter(timeout);
    while (true) {
      receiver.arm();
      int status = NativeStream.pollReceiveCopy(handle, target, block);
      if (status == NativeStatus.OK) {
        long count = block.long0();
        return count == 0 && block.flag1() ? -1 : count;
      }
      pendingOrThrow("receive on", status, block, receiver, deadline);
    }
  }

  private long receiveHeap(MemorySegment target) throws IOException {
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("target is read-only");
    }
    if (target.byteSize() <= Block.SCRATCH_SIZE) {
      MemorySegment scratch = slot.second().scratch().asSlice(0, target.byteSize());
      long count = receiveNative(scratch);
      if (count > 0) {
        MemorySegment.copy(scratch, 0, target, 0, count);
      }
      return count;
    }
    NativeBuffer buffer = NativeBuffer.take();
    try {
      MemorySegment part =
          buffer.segment().asSlice(0, Math.min(target.byteSize(), NativeBuffer.SIZE));
      long count = receiveNative(part);
      if (count > 0) {
        MemorySegment.copy(part, 0, target, 0, count);
      }
      return count;
    } finally {
      buffer.give();
    }
  }

  public final byte[] receiveAll(int limit) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (true) {
      try (Lease lease = lend()) {
        if (lease.byteSize() > limit - all.size()) {
          throw new StreamException(
              "receive on stream " + id + " failed: more than " + limit + " bytes", Kind.LIMIT);
        }
        for (MemorySegment chunk : lease) {
          all.writeBytes(chunk.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
        }
        if (lease.isLast()) {
          return all.toByteArray();
        }
      }
    }
  }

  public final Lease lend() throws IOException {
    return lendBy(Waiter.NEVER);
  }

  /** As {@link #lend()}, by the deadline of a frame that has begun, or the timeout before it. */
  final Lease lendBy(long deadline) throws IOException {
    return Objects.requireNonNull(
        lend(Waiter.earlier(Waiter.deadlineAfter(timeout), deadline), null));
  }

  /**
   * As {@link #lend()}, where {@code reader} may read while this waits; null when it has left
   * something.
   */
  final @Nullable Lease lend(AtOnce reader) throws IOException {
    atOnce = reader;
    while (true) {
      try {
        return lend(Waiter.deadlineAfter(timeout), reader);
      } catch (StreamException e) {
        // The timeout is for a peer that is silent.
        if (e.kind() != Kind.DEADLINE || !reader.took()) {
          throw e;
        }
      }
    }
  }

  private @Nullable Lease lend(long deadline, @Nullable AtOnce reader) throws IOException {
    enter(RECEIVING, "receive on");
    // Goes over to the lease, which reads where its chunks are when it is asked for them.
    Block block = Block.take();
    boolean lent = false;
    try {
      Lease lease = new Lease(block);
      while (true) {
        receiver.arm();
        int status = NativeStream.pollReceive(handle, Block.MAX_CHUNKS, block);
        if (status == NativeStatus.OK) {
          lent = true;
          return lease.received(block);
        }
        if (reader == null) {
          pendingOrThrow("receive on", status, block, receiver, deadline);
          continue;
        }
        reader.begin();
        try {
          pendingOrThrow("receive on", status, block, receiver, deadline);
        } finally {
          reader.end();
        }
        if (reader.hasLeft()) {
          return null;
        }
      }
    } finally {
      if (!lent) {
        block.give();
      }
      leave(RECEIVING);
    }
  }

  public final void stopSending(long code) throws IOException {
    control("stop", code, NativeStream::stopSending);
    receiver.wake();
  }

  // What both share.

  private interface Control {
    int call(long stream, long code, Block block);
  }

  private void control(String doing, long code, Control control) throws IOException {
    if (isClosed()) {
      throw new IllegalStateException(doing + " stream " + id + ": the stream is closed");
    }
    Block block = Block.take();
    try {
      check(doing, control.call(handle, code, block), block);
    } finally {
      block.give();
    }
  }

  private void check(String doing, int status, Block block) throws IOException {
    if (status != NativeStatus.OK) {
      throw failure(doing, status, block);
    }
  }

  /**
   * Waits after a PENDING, so that the caller polls again; anything else that it gets is a failure.
   */
  private void pendingOrThrow(String doing, int status, Block block, Waiter waiter, long deadline)
      throws IOException {
    if (status != NativeStatus.PENDING) {
      throw failure(doing, status, block);
    }
    boolean inTime;
    try {
      inTime = waiter.await(deadline);
    } catch (InterruptedIOException e) {
      throw new InterruptedIOException(doing + " stream " + id + " was interrupted");
    }
    if (!inTime) {
      throw new StreamException(
          doing + " stream " + id + " failed: not done in " + timeout, Kind.DEADLINE);
    }
  }

  /** The same for room to send; a recording is told when that takes long. */
  private void roomOrThrow(int status, Block block, long deadline) throws IOException {
    FlightRecorder.StreamStalled stalled = new FlightRecorder.StreamStalled();
    stalled.begin();
    try {
      pendingOrThrow("send on", status, block, sender, deadline);
    } finally {
      stalled.write(connection, id);
    }
  }

  private IOException failure(String doing, int status, Block block) {
    String what = doing + " stream " + id;
    if (connection.endedLocally(status)) {
      return connection.isClosed() || status != NativeStatus.CLOSED
          ? new ConnectionException(
              what + " failed: connection closed by this side", Kind.CLOSED_LOCALLY)
          : new StreamException(what + " failed: stream closed by this side", Kind.CLOSED_LOCALLY);
    }
    Failures.rejectArgument(what, status, block.failure(status));
    return Failures.of(what, block.failure(status));
  }
}
