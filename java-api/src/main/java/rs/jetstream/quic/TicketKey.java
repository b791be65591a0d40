package rs.jetstream.quic;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import rs.jetstream.quic.JetStreamException.Kind;

/**
 * A secret with which a server makes tickets, so that clients can resume their sessions (RFC 8446
 * section 2.2): {@link QuicServer.Builder#ticketKeys}.
 *
 * <p>Whoever has it can pose as the server to clients that resume, for as long as the tickets live;
 * what was recorded of connections it does not open, because each has a key exchange of its own. So
 * its file is as secret as a private key's, and it is to be rotated: {@link TlsReload#ticketKeys}.
 * Servers that stand for each other share their keys.
 *
 * <h2>Lifecycle</h2>
 *
 * It holds a copy of the secret until it is closed; {@link #close()} wipes it. Servers that were
 * opened or reloaded with it go on: the native half keeps what it has derived, and wipes that when
 * it is not used any more.
 *
 * <h2>Threads</h2>
 *
 * Immutable but for {@link #close()}; any thread.
 */
@Experimental
public final class TicketKey implements AutoCloseable {
  private static final int SIZE = 32;
  private static final int MAX_SIZE = 1024;

  private final ReentrantLock wiping = new ReentrantLock();
  private final byte[] bytes;
  private volatile boolean closed;

  private TicketKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A new secret, which no other process has. */
  public static TicketKey generate() {
    byte[] secret = new byte[SIZE];
    new SecureRandom().nextBytes(secret);
    return new TicketKey(secret);
  }

  /**
   * Takes a secret of 32 to 1,024 random bytes; copies it, and the caller wipes its own.
   *
   * @throws IllegalArgumentException when it has another length
   */
  public static TicketKey of(byte[] secret) {
    if (!isLegal(secret)) {
      throw new IllegalArgumentException("a ticket key " + wrong(secret));
    }
    return new TicketKey(secret.clone());
  }

  /**
   * Reads a secret of 32 to 1,024 random bytes from a file that only its owner can touch.
   *
   * @throws ConfigurationException naming the file and what is wrong with it
   */
  public static TicketKey ofFile(Path file) throws ConfigurationException {
    byte[] secret = PemFiles.readSecret(file, "ticket key");
    if (!isLegal(secret)) {
      Arrays.fill(secret, (byte) 0);
      throw PemFiles.failed("ticket key", file, wrong(secret), Kind.FILE);
    }
    return new TicketKey(secret);
  }

  private static boolean isLegal(byte[] secret) {
    return secret.length >= SIZE && secret.length <= MAX_SIZE;
  }

  private static String wrong(byte[] secret) {
    return "has " + secret.length + " bytes, must have " + SIZE + " to " + MAX_SIZE;
  }

  static List<TicketKey> list(TicketKey first, TicketKey... more) {
    List<TicketKey> all = new ArrayList<>();
    all.add(Objects.requireNonNull(first, "ticketKey"));
    for (TicketKey key : more) {
      all.add(Objects.requireNonNull(key, "ticketKey"));
    }
    return List.copyOf(all);
  }

  /** A copy, which the caller wipes. Never of a secret that is being wiped: anybody knows zeros. */
  byte[] copy() {
    wiping.lock();
    try {
      return bytes().clone();
    } finally {
      wiping.unlock();
    }
  }

  /** The secret itself, which {@link #close()} wipes at any time. */
  byte[] bytes() {
    if (closed) {
      throw new IllegalStateException("the ticket key is closed: it is wiped");
    }
    return bytes;
  }

  /** Wipes the secret. Idempotent; servers that are open go on. */
  @Override
  public void close() {
    wiping.lock();
    try {
      closed = true;
      Arrays.fill(bytes, (byte) 0);
    } finally {
      wiping.unlock();
    }
  }

  /** Nothing secret. */
  @Override
  public String toString() {
    return "TicketKey[" + bytes.length + " bytes]";
  }
}
