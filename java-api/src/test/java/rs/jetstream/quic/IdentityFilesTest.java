package rs.jetstream.quic;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.JetStreamException.Kind;

/** Files of keys and certificates that cannot be used: which file, and why; never what is in it. */
@Timeout(60)
final class IdentityFilesTest {
  // In two parts, so that no scanner takes this line for a key.
  private static final String KEY = "PRIVATE" + " KEY-----";

  @TempDir Path folder;
  private Path chain;
  private Path key;

  @BeforeEach
  void writeGoodFiles() throws Exception {
    chain = write("chain.pem", TestPki.CLIENT.certificatePem());
    key = write("key.pem", TestPki.CLIENT.keyPem());
  }

  @Test
  void goodFilesOpenAnEndpoint() throws Exception {
    opens();
  }

  @Test
  void missingFileIsNamed() {
    Path missing = folder.resolve("missing");
    assertBad(() -> TlsIdentity.ofPemFiles(missing, key), Kind.FILE, missing, "does not exist");
    assertBad(() -> TlsIdentity.ofPemFiles(chain, missing), Kind.FILE, missing, "does not exist");
    assertBad(() -> TlsTrust.ofPemFile(missing), Kind.FILE, missing, "does not exist");
    assertBad(() -> pkcs12(missing), Kind.FILE, missing, "does not exist");
  }

  @Test
  void directoryIsNamed() throws Exception {
    Path directory = Files.createDirectory(folder.resolve("directory"));
    mode(directory, "rwx------");
    assertBad(() -> TlsIdentity.ofPemFiles(directory, key), Kind.FILE, directory, "a directory");
    assertBad(() -> TlsIdentity.ofPemFiles(chain, directory), Kind.FILE, directory, "a directory");
    assertBad(() -> TlsTrust.ofPemFile(directory), Kind.FILE, directory, "a directory");
    assertBad(() -> pkcs12(directory), Kind.FILE, directory, "a directory");
  }

  @Test
  void emptyFileIsNamed() throws Exception {
    for (String text : new String[] {"", " \r\n\t\n"}) {
      Path empty = write("empty", text.getBytes(ISO_8859_1));
      assertBadAs("is empty", empty);
      assertBad(() -> pkcs12(empty), Kind.BAD_PRIVATE_KEY, empty, "cannot be opened");
    }
  }

  @Test
  void derIsTold() throws Exception {
    Path der = write("chain.der", TestPki.CLIENT.certificate().getEncoded());
    Path derKey = write("key.der", TestPki.CLIENT.keys().getPrivate().getEncoded());
    assertBad(() -> TlsIdentity.ofPemFiles(der, key), Kind.BAD_CERTIFICATE, der, "is DER");
    assertBad(() -> TlsIdentity.ofPemFiles(chain, derKey), Kind.BAD_PRIVATE_KEY, derKey, "is DER");
    assertBad(() -> TlsTrust.ofPemFile(der), Kind.BAD_TRUST, der, "is DER");
  }

  @Test
  void swappedFilesAreTold() {
    assertBad(() -> TlsIdentity.ofPemFiles(key, key), Kind.BAD_CERTIFICATE, key, "swapped");
    assertBad(() -> TlsIdentity.ofPemFiles(chain, chain), Kind.BAD_PRIVATE_KEY, chain, "swapped");
    assertBad(() -> TlsTrust.ofPemFile(key), Kind.BAD_TRUST, key, "swapped");
  }

  @Test
  void textWithoutPemIsNamed() throws Exception {
    Path text = write("text", "-----BEGIN NOTHING-----\nhello\n".getBytes(ISO_8859_1));
    assertBad(() -> TlsIdentity.ofPemFiles(text, key), Kind.BAD_CERTIFICATE, text, "holds no");
    assertBad(() -> TlsIdentity.ofPemFiles(chain, text), Kind.BAD_PRIVATE_KEY, text, "holds no");
    assertBad(() -> TlsTrust.ofPemFile(text), Kind.BAD_TRUST, text, "holds no");
  }

  @Test
  void encryptedKeyIsTold() throws Exception {
    String plain = new String(TestPki.CLIENT.keyPem(), ISO_8859_1);
    String pkcs8 = plain.replace(KEY, "ENCRYPTED " + KEY);
    String traditional =
        plain.replace("BEGIN " + KEY, "BEGIN EC " + KEY + "\nProc-Type: 4,ENCRYPTED");
    for (String text : new String[] {pkcs8, traditional}) {
      Path file = write("encrypted.pem", text.getBytes(ISO_8859_1));
      assertBad(
          () -> TlsIdentity.ofPemFiles(chain, file), Kind.BAD_PRIVATE_KEY, file, "is encrypted");
    }
  }

  @Test
  void truncatedFilesAreRefusedWhereverTheyEnd() throws Exception {
    byte[] goodKey = TestPki.CLIENT.keyPem();
    byte[] goodChain = TestPki.CLIENT.certificatePem();
    for (int size = 0; size < goodKey.length - 6; size += size < goodKey.length - 40 ? 16 : 1) {
      Path cut = write("cut.pem", Arrays.copyOf(goodKey, size));
      ConfigurationException e =
          assertBad(() -> open(TlsIdentity.ofPemFiles(chain, cut)), null, cut, "");
      assertThat(e.kind()).as("key of %d bytes", size).isEqualTo(Kind.BAD_PRIVATE_KEY);
    }
    for (int size = 0; size < goodChain.length - 1; size += 16) {
      Path cut = write("cut.pem", Arrays.copyOf(goodChain, size));
      assertBad(() -> TlsIdentity.ofPemFiles(cut, key), Kind.BAD_CERTIFICATE, cut, "");
      assertBad(() -> TlsTrust.ofPemFile(cut), Kind.BAD_TRUST, cut, "");
    }
  }

  @Test
  void secondCertificateThatIsCutOffIsToldAndNotDropped() throws Exception {
    String one = new String(TestPki.CLIENT.certificatePem(), ISO_8859_1);
    Path cut = write("cut.pem", (one + one.substring(0, 200)).getBytes(ISO_8859_1));
    assertBad(() -> TlsIdentity.ofPemFiles(cut, key), Kind.BAD_CERTIFICATE, cut, "is damaged");
    assertBad(() -> TlsTrust.ofPemFile(cut), Kind.BAD_TRUST, cut, "is damaged");
  }

  @Test
  void damagedBase64IsRefused() throws Exception {
    byte[] damagedKey = TestPki.CLIENT.keyPem();
    Arrays.fill(damagedKey, 40, 60, (byte) '!');
    Path badKey = write("bad-key.pem", damagedKey);
    assertBad(() -> open(TlsIdentity.ofPemFiles(chain, badKey)), Kind.BAD_PRIVATE_KEY, badKey, "");
    byte[] damaged = TestPki.CLIENT.certificatePem();
    Arrays.fill(damaged, 40, 60, (byte) 'A');
    Path badChain = write("bad-chain.pem", damaged);
    assertBad(
        () -> TlsIdentity.ofPemFiles(badChain, key), Kind.BAD_CERTIFICATE, badChain, "damaged");
  }

  @Test
  void keyOfAnotherCertificateIsAMismatchOfBothFiles() throws Exception {
    Path other = write("other.pem", TestPki.STRANGER.keyPem());
    ConfigurationException e =
        assertBad(() -> open(TlsIdentity.ofPemFiles(chain, other)), Kind.KEY_MISMATCH, other, "");
    assertThat(e).hasMessageContaining(chain.toString());
  }

  @Test
  void certificateOutsideItsTimeIsTold() throws Exception {
    Instant now = Instant.now();
    TestPki.Party old = TestPki.client(TestPki.CA, "old", now.minus(Duration.ofHours(1)));
    TestPki.Party young = TestPki.client(TestPki.CA, "young", now.plus(Duration.ofDays(3)));
    Path expired = write("old.pem", old.certificatePem());
    Path early = write("young.pem", young.certificatePem());
    Kind kind = Kind.CERTIFICATE_NOT_VALID_NOW;
    assertBad(() -> TlsIdentity.ofPemFiles(expired, key), kind, expired, "expired on 20");
    assertBad(() -> TlsIdentity.ofPemFiles(early, key), kind, early, "is not valid before 20");
  }

  // r[verify security.1.16]
  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw-r--r--", "rw----r--", "rw-rw-rw-", "rw--w----"})
  void keyThatOthersCanTouchIsRefused(String mode) throws Exception {
    mode(key, mode);
    Kind kind = Kind.KEY_FILE_PERMISSIONS;
    assertBad(() -> TlsIdentity.ofPemFiles(chain, key), kind, key, "chmod 600");
    Path store = mode(store("store.p12", "password"), mode);
    assertBad(() -> pkcs12(store), kind, store, "chmod 600");
  }

  // r[verify security.1.16]
  @ParameterizedTest
  @ValueSource(strings = {"rw-------", "r--------"})
  void keyOfItsOwnerAloneIsTaken(String mode) throws Exception {
    mode(key, mode);
    opens();
  }

  // r[verify security.1.16]
  @Test
  void modeOfALinkIsThatOfItsTarget() throws Exception {
    Path open = mode(write("open.pem", TestPki.CLIENT.keyPem()), "rw-r--r--");
    Path link = Files.createSymbolicLink(folder.resolve("link.pem"), open);
    Kind kind = Kind.KEY_FILE_PERMISSIONS;
    assertBad(() -> TlsIdentity.ofPemFiles(chain, link), kind, link, "rw-r--r--");
    mode(open, "rw-------");
    key = link;
    opens();
  }

  // r[verify security.1.16]
  @ParameterizedTest
  @ValueSource(strings = {"rwxrwxrwx", "rwxrwxr-x", "rwx----w-"})
  void keyInAFolderThatOthersCanWriteIsRefused(String mode) throws Exception {
    Path inside = Files.createDirectory(folder.resolve("open folder"));
    Path moved = Files.move(key, inside.resolve("key.pem"));
    mode(inside, mode);
    Kind kind = Kind.KEY_FILE_PERMISSIONS;
    ConfigurationException e =
        assertBad(() -> TlsIdentity.ofPemFiles(chain, moved), kind, moved, "chmod go-w");
    assertThat(e).hasMessageContaining(inside + ", which has mode " + mode);
    // Nor by a link from elsewhere, nor through a link that lies there.
    Path link = Files.createSymbolicLink(folder.resolve("link.pem"), moved);
    assertBad(() -> TlsIdentity.ofPemFiles(chain, link), kind, link, inside.toString());
    key = Files.move(moved, folder.resolve("key.pem"));
    Path lying = Files.createSymbolicLink(inside.resolve("link.pem"), key);
    assertBad(() -> TlsIdentity.ofPemFiles(chain, lying), kind, lying, inside.toString());
    opens();
  }

  // r[verify security.1.16]
  @Test
  void keyInAStickyFolderIsTaken() throws Exception {
    Path inside = Files.createDirectory(folder.resolve("sticky"));
    key = Files.move(key, inside.resolve("key.pem"));
    mode(inside, "rwxrwxrwx");
    Files.setAttribute(inside, "unix:mode", 01777);
    opens();
  }

  @Test
  void fileThatIsFarTooLargeIsNotRead() throws Exception {
    Path large = write("large.pem", new byte[2 << 20]);
    assertBad(() -> TlsIdentity.ofPemFiles(large, key), Kind.FILE, large, "2097152 bytes");
    assertBad(() -> TlsIdentity.ofPemFiles(chain, large), Kind.FILE, large, "2097152 bytes");
    assertBad(() -> TlsTrust.ofPemFile(large), Kind.FILE, large, "2097152 bytes");
    assertBad(() -> pkcs12(large), Kind.FILE, large, "2097152 bytes");
  }

  @Test
  void linesThatEndInCrLfAreFine() throws Exception {
    rewrite(text -> text.replace("\n", "\r\n"));
    opens();
  }

  @Test
  void byteOrderMarkIsFine() throws Exception {
    rewrite(text -> "\u00ef\u00bb\u00bf" + text);
    opens();
  }

  @Test
  void textAroundIsFine() throws Exception {
    rewrite(text -> "subject: someone\n" + text + "\nthe end, without a line feed");
    opens();
  }

  @Test
  void pkcs12OpensWithItsPasswordAlone() throws Exception {
    Path store = store("store.p12", "password");
    open(pkcs12(store));
    for (String wrong : new String[] {"wrong", ""}) {
      ConfigurationException e =
          assertBad(
              () -> TlsIdentity.ofPkcs12(store, wrong.toCharArray()),
              Kind.BAD_PRIVATE_KEY,
              store,
              "password");
      assertThat(wrong.isEmpty() || !e.getMessage().contains("'wrong'")).isTrue();
    }
    assertThat(
            catchThrowableOfType(
                NullPointerException.class, () -> TlsIdentity.ofPkcs12(store, null)))
        .hasMessage("password");
  }

  @Test
  void truncatedPkcs12IsRefusedWhereverItEnds() throws Exception {
    byte[] good = Files.readAllBytes(store("store.p12", "password"));
    for (int size = 0; size < good.length; size += 16) {
      Path cut = write("cut.p12", Arrays.copyOf(good, size));
      assertBad(() -> pkcs12(cut), Kind.BAD_PRIVATE_KEY, cut, "");
    }
  }

  // r[verify security.1.12]
  // r[verify security.1.15]
  @Test
  void keyStoreIsReadByAlias() throws Exception {
    char[] password = "password".toCharArray();
    KeyStore store = KeyStore.getInstance(store("store.p12", "password").toFile(), password);
    open(TlsIdentity.ofKeyStore(store, "key", password));
    Kind kind = Kind.BAD_PRIVATE_KEY;
    assertBad(
        () -> TlsIdentity.ofKeyStore(store, "other", password), kind, "entry 'other'", "not there");
    assertBad(
        () -> TlsIdentity.ofKeyStore(store, "key", "x".toCharArray()), kind, "entry 'key'", "");
    assertBad(() -> TlsTrust.ofKeyStore(store), Kind.BAD_TRUST, "key store", "is not there");
    KeyStore unloaded = KeyStore.getInstance("PKCS12");
    assertBad(() -> TlsTrust.ofKeyStore(unloaded), Kind.BAD_TRUST, "key store", "not loaded");
    assertBad(() -> TlsIdentity.ofKeyStore(unloaded, "key", password), kind, "'key'", "");
    store.setCertificateEntry("ca", TestPki.CA.certificate());
    TlsTrust trust = TlsTrust.ofKeyStore(store);
    QuicClient.builder().trust(trust).open().close();
  }

  // r[verify security.1.16]
  @Test
  void bytesOfTheCallerAreCopiedAndCloseWipesTheCopy() throws Exception {
    byte[] mine = TestPki.CLIENT.keyPem();
    TlsIdentity identity = TlsIdentity.ofPem(TestPki.CLIENT.certificatePem(), mine);
    byte[] copy = identity.keyPem();
    assertThat(copy).isEqualTo(mine).isNotSameAs(mine);
    assertThat(identity.toString()).contains("CN=client").doesNotContain(secret());
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client =
            QuicClient.builder().trust(TestPki.CA.trust()).identity(identity).open()) {
      identity.close();
      identity.close();
      assertThat(copy).containsOnly(0);
      assertThat(mine).isEqualTo(TestPki.CLIENT.keyPem());
      assertThat(Loopback.connect(client, server).isClosed()).isFalse();
    }
    IllegalStateException e =
        catchThrowableOfType(IllegalStateException.class, () -> open(identity));
    assertThat(e).hasMessageContaining("is closed");
  }

  private static String secret() {
    return new String(TestPki.CLIENT.keyPem(), ISO_8859_1)
        .lines()
        .skip(1)
        .findFirst()
        .orElseThrow();
  }

  private static ConfigurationException assertBad(
      ThrowingCallable call, Kind kind, Object where, String why) {
    ConfigurationException e = catchThrowableOfType(ConfigurationException.class, call);
    assertThat(e).isNotNull();
    if (kind != null) {
      assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
    }
    assertThat(e).hasMessageContaining(where.toString()).hasMessageContaining(why);
    assertThat(e.getMessage()).doesNotContain(secret()).doesNotContain("null");
    return e;
  }

  private void assertBadAs(String why, Path file) {
    assertBad(() -> TlsIdentity.ofPemFiles(file, key), Kind.BAD_CERTIFICATE, file, why);
    assertBad(() -> TlsIdentity.ofPemFiles(chain, file), Kind.BAD_PRIVATE_KEY, file, why);
    assertBad(() -> TlsTrust.ofPemFile(file), Kind.BAD_TRUST, file, why);
  }

  private static void open(TlsIdentity identity) throws IOException {
    QuicClient.builder().trust(TestPki.CA.trust()).identity(identity).open().close();
  }

  private void opens() throws IOException {
    try (TlsIdentity identity = TlsIdentity.ofPemFiles(chain, key)) {
      open(identity);
      assertThat(identity.toString()).contains(key.toString()).doesNotContain(secret());
    }
    assertThat(TlsTrust.ofPemFile(chain).toString()).contains(chain.toString());
  }

  private void rewrite(java.util.function.UnaryOperator<String> change) throws IOException {
    for (Path file : new Path[] {chain, key}) {
      String text = Files.readString(file, ISO_8859_1);
      Files.writeString(file, change.apply(text), ISO_8859_1);
    }
  }

  private static TlsIdentity pkcs12(Path file) throws ConfigurationException {
    return TlsIdentity.ofPkcs12(file, "password".toCharArray());
  }

  private Path store(String name, String password) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    Certificate[] certificates = {TestPki.CLIENT.certificate()};
    store.setKeyEntry(
        "key", TestPki.CLIENT.keys().getPrivate(), password.toCharArray(), certificates);
    Path file = write(name, new byte[0]);
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, password.toCharArray());
    }
    return file;
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return mode(Files.write(folder.resolve(name), bytes), "rw-------");
  }

  private static Path mode(Path file, String mode) throws IOException {
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }
}
