package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.JetStreamException.Kind;

/** Key stores of other types than PKCS#12, whole and in pieces. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class KeyStoreFilesTest {
  private static final char[] PASSWORD = "password".toCharArray();

  @TempDir Path folder;

  private static byte[] store(String type) throws Exception {
    KeyStore store = KeyStore.getInstance(type);
    store.load(null, null);
    Certificate[] chain = {TestPki.CLIENT.certificate()};
    store.setKeyEntry("key", TestPki.CLIENT.keys().getPrivate(), PASSWORD, chain);
    store.setCertificateEntry("ca", TestPki.CA.certificate());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    store.store(out, PASSWORD);
    return out.toByteArray();
  }

  // r[verify security.1.15]
  @ParameterizedTest
  @ValueSource(strings = {"JKS", "JCEKS", "PKCS12"})
  void storeOfEachTypeOfTheJdkIsIdentityAndTrust(String type) throws Exception {
    KeyStore store = KeyStore.getInstance(type);
    store.load(new ByteArrayInputStream(store(type)), PASSWORD);
    TlsIdentity identity = TlsIdentity.ofKeyStore(store, "key", PASSWORD);
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(b -> b.identity(identity).trust(trustOf(store)));
        QuicConnection connection = Loopback.connect(client, server)) {
      assertThat(connection.closeReason()).isEmpty();
    }
  }

  private static TlsTrust trustOf(KeyStore store) {
    try {
      return TlsTrust.ofKeyStore(store);
    } catch (ConfigurationException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"JKS", "JCEKS"})
  void storeThatIsCutOffIsRefusedWhereverItEnds(String type) throws Exception {
    byte[] good = store(type);
    for (int size = 0; size < good.length; size += 16) {
      assertRefused(type + " of " + size + " bytes", Arrays.copyOf(good, size));
    }
  }

  /** The JDK takes a JKS for a PKCS#12; no other type. */
  @Test
  void storeOfAnotherTypeIsRefused() throws Exception {
    assertRefused("JCEKS", store("JCEKS"));
    byte[] unknown = store("JKS");
    unknown[0] ^= 1;
    assertRefused("no magic number that is known", unknown);
  }

  @Test
  void storeWithAFlippedBitIsRefused() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    byte[] good = store("JKS");
    for (int i = 0; i < 200; i++) {
      byte[] bad = good.clone();
      int at = random.nextInt(bad.length);
      bad[at] ^= (byte) (1 << random.nextInt(8));
      // It has a digest of the whole.
      assertRefused("another bit in byte " + at, bad);
    }
  }

  private void assertRefused(String what, byte[] bytes) throws Exception {
    Path file = Files.write(folder.resolve("store"), bytes);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Throwable e = catchThrowable(() -> TlsIdentity.ofPkcs12(file, PASSWORD));
    assertThat(e).as(what).isInstanceOf(ConfigurationException.class);
    assertThat(((ConfigurationException) e).kind()).as(what).isEqualTo(Kind.BAD_PRIVATE_KEY);
    assertThat(e).as(what).hasMessageContaining(file + " cannot be opened");
  }
}
