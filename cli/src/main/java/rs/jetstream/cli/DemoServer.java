package rs.jetstream.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.JetStreamException;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.Lease;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.quic.RefusedHandshake;
import rs.jetstream.quic.TlsIdentity;
import rs.jetstream.quic.TlsTrust;

/** The side of the demo that answers: a virtual thread for each connection and each stream. */
final class DemoServer implements AutoCloseable {
  private static final long FAILED = 1;

  private final QuicServer server;
  private final Path file;
  private final CompletableFuture<String> clientSubject = new CompletableFuture<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean closing;

  private DemoServer(QuicServer server, Path file) {
    this.server = server;
    this.file = file;
  }

  /** Binds a loopback port of the system's choice; only clients that {@code trust} knows get in. */
  static DemoServer open(TlsIdentity identity, TlsTrust trust, Path file) throws IOException {
    DemoServer it =
        new DemoServer(QuicServer.builder().identity(identity).trust(trust).open(), file);
    Thread.ofVirtual().name("jetstream-demo-server").start(it::acceptConnections);
    return it;
  }

  InetSocketAddress address() {
    return server.localAddress();
  }

  static String subject(QuicConnection connection) throws IOException {
    List<X509Certificate> chain = connection.peerCertificates();
    return chain.isEmpty() ? "(nobody)" : chain.getFirst().getSubjectX500Principal().getName();
  }

  /** Who the first client is, by its verified certificate. */
  String clientSubject(Duration patience) throws DemoFailure, InterruptedException {
    try {
      return clientSubject.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new DemoFailure("the server did not see who the client is: " + e, e);
    }
  }

  /** The oldest refusal that was not taken; waits for it. */
  Optional<RefusedHandshake> takeRefusal(Duration patience)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    Optional<RefusedHandshake> refusal = server.takeRefusedHandshake();
    while (refusal.isEmpty() && System.nanoTime() - deadline < 0) {
      Thread.sleep(Duration.ofMillis(5));
      refusal = server.takeRefusedHandshake();
    }
    return refusal;
  }

  /** What went wrong here first, other than that the client or this side closed. */
  Optional<Throwable> failure() {
    return Optional.ofNullable(failure.get());
  }

  private void acceptConnections() {
    try {
      while (true) {
        QuicConnection connection = server.accept();
        Thread.startVirtualThread(() -> acceptStreams(connection));
      }
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
  }

  private void acceptStreams(QuicConnection connection) {
    try (connection) {
      clientSubject.complete(subject(connection));
      while (true) {
        BidirectionalStream stream = connection.acceptBidirectional();
        Thread.startVirtualThread(() -> answer(stream));
      }
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
  }

  private void answer(BidirectionalStream stream) {
    try (stream) {
      stream.timeout(DemoProtocol.PATIENCE);
      try (Lease first = stream.lend()) {
        byte what = first.isEmpty() ? 0 : first.chunk(0).get(JAVA_BYTE, 0);
        switch (what) {
          case DemoProtocol.CALL -> echo(stream, first);
          case DemoProtocol.UP -> stream.sendAndFinish(sha256OfRest(stream, first));
          case DemoProtocol.DOWN -> {
            // To its end: closing a stream stops what still comes.
            sha256OfRest(stream, first);
            FileStreams.send(stream, file, FileStreams.sha256(), size -> {});
          }
          default -> stream.reset(FAILED);
        }
      } catch (IOException | RuntimeException e) {
        stream.reset(FAILED);
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
  }

  /** Receives all that follows the first byte. */
  private static byte[] sha256OfRest(BidirectionalStream stream, Lease first) throws IOException {
    MessageDigest digest = FileStreams.sha256();
    FileStreams.receive(stream, first, 1, digest, size -> {});
    return digest.digest();
  }

  private static void echo(BidirectionalStream stream, Lease first) throws IOException {
    if (first.count() == 1 && first.isLast()) {
      stream.sendAndFinish(first.chunk(0));
      return;
    }
    for (Lease lease = first; !lease.isEmpty(); lease = stream.lend()) {
      try (Lease it = lease) {
        for (MemorySegment chunk : it) {
          stream.send(chunk);
        }
        if (it.isLast()) {
          break;
        }
      }
    }
    stream.finish();
  }

  private void failed(Throwable e) {
    boolean expected =
        closing
            || (e instanceof JetStreamException it
                && (it.kind() == Kind.CLOSED || it.kind() == Kind.APPLICATION_CLOSE));
    if (!expected) {
      failure.compareAndSet(null, e);
      clientSubject.completeExceptionally(e);
    }
  }

  @Override
  public void close() {
    closing = true;
    server.close();
  }
}
