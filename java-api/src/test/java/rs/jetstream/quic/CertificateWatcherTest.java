package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.quic.TestPki.Party;

@Timeout(60)
@ExtendWith(LeakExtension.class)
final class CertificateWatcherTest {
  private static final Duration OFTEN = Duration.ofMillis(5);
  private static final Party RENEWED = TestPki.server(TestPki.CA, "localhost", TestPki.tomorrow());

  @TempDir Path folder;
  private Path chain;
  private Path key;

  /** What the watcher told: an identity, an exception, or the time that is left. */
  private static final class Told implements CertificateWatcher.Listener {
    private final BlockingQueue<Object> all = new LinkedBlockingQueue<>();

    @Override
    public void onReload(TlsIdentity identity) {
      all.add(identity);
    }

    @Override
    public void onFailure(Exception why) {
      all.add(why);
    }

    @Override
    public void onExpiry(X509Certificate certificate, Duration left) {
      all.add(left);
    }

    <T> T next(Class<T> type) throws InterruptedException {
      while (true) {
        Object it = all.poll(10, TimeUnit.SECONDS);
        assertThat(it).as("the next " + type).isNotNull();
        if (type.isInstance(it)) {
          return type.cast(it);
        }
      }
    }
  }

  @BeforeEach
  void files() throws IOException {
    chain = folder.resolve("chain.pem");
    key = folder.resolve("key.pem");
    write(TestPki.SERVER);
  }

  private void write(Party party) throws IOException {
    replace(chain, party.certificatePem());
    replace(key, party.keyPem());
  }

  private void replace(Path file, byte[] bytes) throws IOException {
    Path fresh = folder.resolve("fresh");
    Files.write(fresh, bytes);
    var _ = Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
    var _ = Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static X509Certificate shown(QuicClient client, QuicServer server) throws IOException {
    try (QuicConnection connection = Loopback.connect(client, server)) {
      return connection.peerCertificates().getFirst();
    }
  }

  // r[verify security.1.13]
  @Test
  void changedFilesAreReloadedAndBadOnesAreNot() throws Exception {
    Told told = new Told();
    try (QuicServer server = Loopback.server(b -> b.identity(TestPki.SERVER.identity()));
        QuicClient client = Loopback.client(builder -> builder);
        CertificateWatcher watcher =
            CertificateWatcher.of(chain, key).period(OFTEN).listener(told).start(server)) {
      replace(chain, RENEWED.certificatePem());
      // The old key with the new chain: not yet.
      assertThat(told.next(Exception.class)).isInstanceOf(ConfigurationException.class);
      assertThat(shown(client, server)).isEqualTo(TestPki.SERVER.certificate());
      replace(key, RENEWED.keyPem());
      assertThat(told.next(TlsIdentity.class).chain()).containsExactly(RENEWED.certificate());
      assertThat(shown(client, server)).isEqualTo(RENEWED.certificate());
      replace(chain, "garbage".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      assertThat(told.next(Exception.class)).isInstanceOf(ConfigurationException.class);
      assertThat(shown(client, server)).isEqualTo(RENEWED.certificate());
      Files.delete(chain);
      assertThat(told.next(Exception.class)).isInstanceOf(ConfigurationException.class);
      write(TestPki.SERVER);
      assertThat(told.next(TlsIdentity.class).chain())
          .containsExactly(TestPki.SERVER.certificate());
      assertThat(shown(client, server)).isEqualTo(TestPki.SERVER.certificate());
      assertThat(watcher.isRunning()).isTrue();
    }
  }

  @Test
  void trustIsReloadedWithTheIdentity() throws Exception {
    Told told = new Told();
    Path issuers = folder.resolve("issuers.pem");
    replace(issuers, TestPki.CA.certificatePem());
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient stranger =
            QuicClient.builder()
                .trust(TestPki.CA.trust())
                .identity(TestPki.STRANGER.identity())
                .open();
        CertificateWatcher watcher =
            CertificateWatcher.of(chain, key)
                .trust(issuers)
                .period(OFTEN)
                .listener(told)
                .start(server)) {
      replace(issuers, TestPki.OTHER_CA.certificatePem());
      var _ = told.next(TlsIdentity.class);
      Loopback.connect(stranger, server).close();
      assertThat(watcher.isRunning()).isTrue();
    }
  }

  /** A clock that a test sets. */
  private static final class Hands extends Clock {
    private final AtomicReference<Instant> now;

    private Hands(Instant now) {
      this.now = new AtomicReference<>(now);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now.get();
    }
  }

  // r[verify security.1.13]
  @Test
  void expiryIsToldOnceAtEachStep() throws Exception {
    Told told = new Told();
    Instant end = TestPki.SERVER.certificate().getNotAfter().toInstant();
    Hands clock = new Hands(end.minus(Duration.ofDays(31)));
    try (QuicServer server = Loopback.server(builder -> builder);
        CertificateWatcher watcher =
            CertificateWatcher.of(chain, key)
                .period(OFTEN)
                .clock(clock)
                .listener(told)
                .start(server)) {
      for (Duration left :
          new Duration[] {
            Duration.ofDays(30).minusSeconds(1),
            Duration.ofDays(7).minusSeconds(1),
            Duration.ofDays(1).minusSeconds(1),
            Duration.ofSeconds(-1)
          }) {
        clock.now.set(end.minus(left));
        assertThat(told.next(Duration.class)).isEqualTo(left);
      }
      assertThat(told.all).isEmpty();
      assertThat(watcher.isRunning()).isTrue();
    }
  }

  @Test
  void listenerThatFailsEndsNoWatching() throws Exception {
    Told told = new Told();
    CertificateWatcher.Listener fails =
        new CertificateWatcher.Listener() {
          @Override
          public void onReload(TlsIdentity identity) {
            told.onReload(identity);
            throw new IllegalStateException("planted");
          }

          @Override
          public void onFailure(Exception why) {
            told.onFailure(why);
            throw new IllegalStateException("planted");
          }

          @Override
          public void onExpiry(X509Certificate certificate, Duration left) {
            told.onExpiry(certificate, left);
            throw new IllegalStateException("planted");
          }
        };
    Instant end = TestPki.SERVER.certificate().getNotAfter().toInstant();
    Hands clock = new Hands(end.minus(Duration.ofDays(6)));
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder);
        CertificateWatcher watcher =
            CertificateWatcher.of(chain, key)
                .period(OFTEN)
                .clock(clock)
                .listener(fails)
                .start(server)) {
      var _ = told.next(Duration.class);
      replace(chain, "garbage".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      assertThat(told.next(Exception.class)).isInstanceOf(ConfigurationException.class);
      write(RENEWED);
      assertThat(told.next(TlsIdentity.class).chain()).containsExactly(RENEWED.certificate());
      assertThat(shown(client, server)).isEqualTo(RENEWED.certificate());
      assertThat(watcher.isRunning()).isTrue();
    }
  }

  @Test
  void badFilesAtTheStartAreRefused() throws Exception {
    try (QuicServer server = Loopback.server(builder -> builder)) {
      assertThatThrownBy(
              () -> CertificateWatcher.of(folder.resolve("none"), key).start(server).close())
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("none");
      assertThatThrownBy(() -> CertificateWatcher.of(chain, key).period(Duration.ZERO))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
