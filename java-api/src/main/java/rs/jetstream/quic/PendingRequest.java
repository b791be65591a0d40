package rs.jetstream.quic;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import rs.jetstream.ffi.ExchangeMemory;
import rs.jetstream.ffi.Exchanging;
import rs.jetstream.ffi.NativeFailure;
import rs.jetstream.ffi.NativeStatus;
import rs.jetstream.ffi.WakeSlot;
import rs.jetstream.ffi.Wakeable;
import rs.jetstream.quic.JetStreamException.Kind;

/** A request that has no answer yet. */
final class PendingRequest implements Wakeable, Exchanging {
  static final String DOING = "request";

  private final ExchangeMemory memory;
  private final AnswerHandler handler;
  private final WakeSlot slot;
  private final AtomicBoolean over = new AtomicBoolean();

  PendingRequest(ExchangeMemory memory, AnswerHandler handler) {
    this.memory = memory;
    this.handler = handler;
    slot = WakeSlot.take(this);
  }

  long token() {
    return slot.token();
  }

  /** Whether the caller is the one who ends it; the slot is given back. */
  boolean end() {
    if (over.compareAndSet(false, true)) {
      slot.release();
      return true;
    }
    return false;
  }

  @Override
  public long exchange(int status, long length) {
    if (end()) {
      try {
        if (status == NativeStatus.OK) {
          MemorySegment answer = memory.input(length);
          handler.answered(answer);
        } else {
          NativeFailure failure = memory.failure(status);
          handler.failed(Failures.of(DOING, failure));
        }
      } catch (Throwable thrown) {
        Exchanges.report("an AnswerHandler", thrown);
      }
    }
    return 0;
  }

  @Override
  public void wake(int operation) {
    if (end()) {
      try {
        handler.failed(
            new ConnectionException(
                DOING + " failed: the endpoint is closed", Kind.ENDPOINT_CLOSED));
      } catch (Throwable thrown) {
        Exchanges.report("an AnswerHandler", thrown);
      }
    }
  }
}
