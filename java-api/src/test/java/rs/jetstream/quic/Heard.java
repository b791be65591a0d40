package rs.jetstream.quic;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Exceptions that the transport logs while this is open. */
final class Heard extends Handler implements AutoCloseable {
  private final Logger logger = Logger.getLogger("rs.jetstream.quic");
  private final BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();

  Heard() {
    logger.addHandler(this);
  }

  @Override
  public void publish(LogRecord entry) {
    if (entry.getThrown() != null) {
      thrown.add(entry.getThrown());
    }
  }

  /** The next one, which has to come soon. */
  Throwable next() throws InterruptedException {
    Throwable next = thrown.poll(10, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing was logged");
    }
    return next;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
