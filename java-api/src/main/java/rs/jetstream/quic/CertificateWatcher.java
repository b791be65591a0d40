package rs.jetstream.quic;

import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches files of an identity and of trusted issuers, and reloads endpoints when they change.
 *
 * {@snippet :
 * CertificateWatcher watcher =
 *     CertificateWatcher.of(chainFile, keyFile).trust(issuersFile).start(server);
 * }
 *
 * <p>The content is what counts, looked at every few seconds: links that are switched over, as in
 * Kubernetes, are seen, and a file that is only touched is not. Files that do not fit together, or
 * are half written, change nothing: endpoints keep what they have, the listener is told, and the
 * files are looked at again.
 *
 * <h2>Lifecycle</h2>
 *
 * From {@link Builder#start} until {@link #close()}; the endpoints are not closed with it.
 *
 * <h2>Threads</h2>
 *
 * Any thread. The listener is called on the watcher's own virtual thread.
 */
// r[impl security.1.13]
public final class CertificateWatcher implements AutoCloseable {
  /** Told what the watcher does; each method does nothing by default but what its text says. */
  public interface Listener {
    /** Endpoints make new handshakes with {@code identity} from now on. */
    default void onReload(TlsIdentity identity) {}

    /** The files cannot be used; endpoints keep what they have. Logs a warning by default. */
    default void onFailure(Exception why) {
      LOGGER.log(System.Logger.Level.WARNING, "certificates are not reloaded", why);
    }

    /**
     * A certificate of the own chain has {@code left} to live: told once each at less than 30, 7
     * and 1 days, and when it has expired. Logs a warning by default.
     */
    default void onExpiry(X509Certificate certificate, Duration left) {
      LOGGER.log(
          System.Logger.Level.WARNING,
          "certificate {0} {1}",
          certificate.getSubjectX500Principal().getName(),
          left.isNegative() ? "has expired" : "expires in " + left.toHours() + " hours");
    }
  }

  private static final System.Logger LOGGER = System.getLogger("rs.jetstream.quic");

  /** Told from the one that is reached last. */
  private static final List<Duration> WARN_AT =
      List.of(Duration.ZERO, Duration.ofDays(1), Duration.ofDays(7), Duration.ofDays(30));

  private final Builder settings;
  private final List<QuicEndpoint> endpoints;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;
  private byte[] seen;
  private @Nullable Duration warned;
  private List<X509Certificate> chain;

  private CertificateWatcher(Builder settings, List<QuicEndpoint> endpoints)
      throws ConfigurationException {
    this.settings = settings;
    this.endpoints = endpoints;
    seen = digest();
    try (TlsIdentity identity = TlsIdentity.ofPemFiles(settings.chain, settings.key)) {
      chain = identity.chain();
    }
    thread = Thread.ofVirtual().name("jetstream-certificates").unstarted(this::run);
  }

  /** A builder for the files of an identity, as {@link TlsIdentity#ofPemFiles} reads them. */
  public static Builder of(Path chain, Path key) {
    return new Builder(chain, key);
  }

  private void run() {
    try {
      do {
        look();
      } while (!stop.await(settings.period.toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      // By close() alone.
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try {
      byte[] now = digest();
      if (!Arrays.equals(now, seen)) {
        reload();
        // Only now: what failed is tried again.
        seen = now;
      }
    } catch (IOException | RuntimeException e) {
      if (endpoints.stream().noneMatch(QuicEndpoint::isClosed)) {
        tell(() -> settings.listener.onFailure(e));
      }
    }
    warn();
  }

  /** A listener that fails does not end the watching, nor the reload that it is told of. */
  private static void tell(Runnable telling) {
    try {
      telling.run();
    } catch (RuntimeException e) {
      LOGGER.log(System.Logger.Level.WARNING, "a listener failed", e);
    }
  }

  private void reload() throws IOException {
    try (TlsIdentity identity = TlsIdentity.ofPemFiles(settings.chain, settings.key)) {
      TlsReload change = TlsReload.of().identity(identity);
      Path trust = settings.trust;
      if (trust != null) {
        change = change.trust(TlsTrust.ofPemFile(trust));
      }
      for (QuicEndpoint endpoint : endpoints) {
        endpoint.reload(change);
      }
      chain = identity.chain();
      warned = null;
      tell(() -> settings.listener.onReload(identity));
    }
  }

  private void warn() {
    for (X509Certificate certificate : chain) {
      Duration left =
          Duration.between(settings.clock.instant(), certificate.getNotAfter().toInstant());
      for (Duration at : WARN_AT) {
        if (left.compareTo(at) < 0) {
          Duration before = warned;
          if (before == null || at.compareTo(before) < 0) {
            warned = at;
            tell(() -> settings.listener.onExpiry(certificate, left));
          }
          break;
        }
      }
    }
  }

  /** Of all files together; a missing one counts as what it is. */
  private byte[] digest() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      List<Path> files = new ArrayList<>(List.of(settings.chain, settings.key));
      Path trust = settings.trust;
      if (trust != null) {
        files.add(trust);
      }
      for (Path file : files) {
        byte[] bytes;
        try {
          bytes = PemFiles.readThroughWiped(file);
        } catch (IOException e) {
          bytes = new byte[0];
        }
        digest.update(MessageDigest.getInstance("SHA-256").digest(bytes));
        Arrays.fill(bytes, (byte) 0);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("each JDK has SHA-256", e);
    }
  }

  /** Whether it watches. */
  public boolean isRunning() {
    return thread.isAlive();
  }

  /** Stops watching. Idempotent; a reload under way ends first. */
  @Override
  public void close() {
    stop.countDown();
    boolean interrupted = false;
    while (thread.isAlive() && thread != Thread.currentThread()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** What to watch; not for several threads. */
  public static final class Builder {
    private final Path chain;
    private final Path key;
    private @Nullable Path trust;
    private Duration period = Duration.ofSeconds(10);
    private Listener listener = new Listener() {};
    private Clock clock = Clock.systemUTC();

    private Builder(Path chain, Path key) {
      this.chain = Objects.requireNonNull(chain, "chain");
      this.key = Objects.requireNonNull(key, "key");
    }

    /** A file of trusted issuers to watch as well. */
    public Builder trust(Path issuers) {
      this.trust = Objects.requireNonNull(issuers, "issuers");
      return this;
    }

    /** How often files are looked at; at least 1 ms. Default 10 s. */
    public Builder period(Duration period) {
      if (period.toMillis() < 1) {
        throw new IllegalArgumentException("period is " + period + ", must be at least 1 ms");
      }
      this.period = period;
      return this;
    }

    /** Who is told. Default: warnings are logged. */
    public Builder listener(Listener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /** For tests of expiry. */
    Builder clock(Clock clock) {
      this.clock = clock;
      return this;
    }

    /**
     * Watches for {@code endpoints}, servers and clients alike, which have what the files hold now.
     *
     * @throws ConfigurationException when the files cannot be used now
     */
    public CertificateWatcher start(QuicServer... endpoints) throws ConfigurationException {
      return start(List.<QuicEndpoint>of(endpoints));
    }

    /** As {@link #start(QuicServer...)}. */
    public CertificateWatcher start(QuicClient... endpoints) throws ConfigurationException {
      return start(List.<QuicEndpoint>of(endpoints));
    }

    private CertificateWatcher start(List<QuicEndpoint> endpoints) throws ConfigurationException {
      CertificateWatcher watcher = new CertificateWatcher(this, endpoints);
      watcher.thread.start();
      return watcher;
    }
  }
}
