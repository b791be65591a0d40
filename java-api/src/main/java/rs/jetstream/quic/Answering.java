package rs.jetstream.quic;

import java.lang.foreign.MemorySegment;
import rs.jetstream.ffi.ExchangeMemory;
import rs.jetstream.ffi.Exchanging;
import rs.jetstream.ffi.NativeExchange;

/** The requests of one connection's peer, on their way to the program's handler and back. */
final class Answering implements Exchanging {
  /** Longer than a handler may take: then the endpoint's other connections have waited for it. */
  private static final long SLOW_NANOS = 10_000_000;

  private final QuicConnection connection;
  private final ExchangeMemory memory;
  private final RequestHandler handler;

  // Written by the endpoint's thread alone.
  private volatile long answered;
  private volatile long declined;
  private volatile long failed;
  private volatile long slow;

  Answering(QuicConnection connection, ExchangeMemory memory, RequestHandler handler) {
    this.connection = connection;
    this.memory = memory;
    this.handler = handler;
  }

  Exchanges.Statistics statistics() {
    return new Exchanges.Statistics(answered, declined, failed, slow);
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  public long exchange(int status, long length) {
    long began = System.nanoTime();
    long said;
    try {
      MemorySegment output = memory.output();
      said = handler.answer(connection, memory.input(length), output);
      if (said > output.byteSize() || said < RequestHandler.DECLINE) {
        throw new IllegalStateException(
            "answered "
                + said
                + ", must be a length from 0 to "
                + output.byteSize()
                + " or DECLINE");
      }
    } catch (Throwable thrown) {
      if (failed++ == 0) {
        Exchanges.report("a RequestHandler", thrown);
      }
      return NativeExchange.FAILED;
    }
    long took = System.nanoTime() - began;
    if (took > SLOW_NANOS && slow++ == 0) {
      Exchanges.reportSlow(
          "a RequestHandler", took, "decline such requests, and accept their streams");
    }
    if (said == RequestHandler.DECLINE) {
      declined++;
      return NativeExchange.DECLINED;
    }
    answered++;
    return said;
  }
}
