package rs.jetstream.quic;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.RandomAccessFile;
import java.math.BigInteger;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.interfaces.RSAPrivateCrtKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.quic.TestPki.Party;

/**
 * Hundreds of files that are no identity and no trust: each is a typed error that names the file,
 * shows nothing of a key, and comes before anything is bound.
 */
@Timeout(120)
@ExtendWith(LeakExtension.class)
final class BadFilesTest {
  private static final Party CLIENT = TestPki.CLIENT;
  private static final String PRIVATE_KEY = "PRIVATE" + " KEY";
  private static final char[] PASSWORD = "password".toCharArray();

  /** What a file is used for. */
  private enum Use {
    CHAIN,
    KEY,
    TRUST,
    STORE
  }

  @TempDir Path folder;
  private final List<String> wrong = new ArrayList<>();
  private Path chain;
  private Path key;
  private DatagramSocket taken;
  private int refused;
  private int files;

  @BeforeEach
  void prepare() throws Exception {
    chain = write(CLIENT.certificatePem());
    key = write(CLIENT.keyPem());
    taken = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @AfterEach
  void release() {
    taken.close();
  }

  @Test
  void atLeastThreeHundredBadFilesAreRefusedByTypeAndName() throws Exception {
    notRegularFiles();
    wrongContents();
    wrongKeys();
    wrongChains();
    cutOff();
    System.out.println(refused + " bad files refused");
    assertThat(wrong).isEmpty();
    assertThat(refused).isGreaterThanOrEqualTo(300);
  }

  /**
   * A flipped bit may do no harm, as in a signature that nobody checks here; it must not do any.
   */
  @Test
  void flippedBitsAreRefusedByTypeAndNameOrDoNoHarm() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (Use use : Use.values()) {
      byte[] good = good(use);
      for (int i = 0; i < 50; i++) {
        byte[] bad = good.clone();
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
        Path file = write(bad);
        Throwable e = catchThrowable(() -> open(use, file));
        if (!isAddressInUse(e)) {
          judge(use, "flip " + i, file, e);
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(refused).isPositive();
  }

  private void notRegularFiles() throws Exception {
    Path missing = folder.resolve("missing");
    Path directory = Files.createDirectory(folder.resolve("directory"));
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", "-m", "600", pipe.toString()).start().waitFor())
        .isZero();
    Path huge = write(new byte[0]);
    try (RandomAccessFile sparse = new RandomAccessFile(huge.toFile(), "rw")) {
      sparse.setLength(1L << 30);
    }
    Path lost = Files.createSymbolicLink(folder.resolve("lost"), missing);
    Path circle = folder.resolve("circle");
    Files.createSymbolicLink(circle, circle);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    for (Use use : Use.values()) {
      for (Path file : List.of(missing, directory, pipe, huge, lost, circle)) {
        refuse(use, file.getFileName().toString(), file);
      }
      refuse(use, "inside a file", chain.resolve("file"));
      refuse(use, "device", Path.of("/dev/zero"));
    }
  }

  private void wrongContents() throws Exception {
    for (Use use : Use.values()) {
      refuse(use, "empty", new byte[0]);
      refuse(use, "blank", bytes(" \r\n\t\n"));
      refuse(use, "text", bytes("hello\n"));
      refuse(use, "zeros", new byte[1000]);
      refuse(use, "only a mark of byte order", bytes("\u00ef\u00bb\u00bf"));
      refuse(use, "empty block", bytes(pem("NOTHING", "")));
      refuse(use, "empty certificate", bytes(pem("CERTIFICATE", "")));
      refuse(use, "empty key", bytes(pem(PRIVATE_KEY, "")));
      refuse(use, "certificate of letters", bytes(pem("CERTIFICATE", "QUJDRA==\n")));
      refuse(use, "key of letters", bytes(pem(PRIVATE_KEY, "QUJDRA==\n")));
      refuse(use, "request", bytes(pem("CERTIFICATE REQUEST", "QUJDRA==\n")));
      refuse(use, "public key", bytes(pem("PUBLIC KEY", "QUJDRA==\n")));
      refuse(use, "certificate in DER", CLIENT.certificate().getEncoded());
      refuse(use, "key in DER", CLIENT.keys().getPrivate().getEncoded());
      refuse(use, "begun", bytes("-----BEGIN CERTIFICATE-----\n"));
      refuse(use, "ended", bytes("-----END CERTIFICATE-----\n"));
      refuse(use, "in UTF-16", new String(good(use), ISO_8859_1).getBytes(UTF_16));
      refuse(use, "reversed", reversed(good(use)));
    }
  }

  private void wrongKeys() throws Exception {
    String good = text(CLIENT.keyPem());
    refuse(Use.KEY, "certificate", CLIENT.certificatePem());
    refuse(Use.KEY, "key of another", TestPki.STRANGER.keyPem());
    refuse(Use.KEY, "two keys", bytes(good + text(TestPki.STRANGER.keyPem())));
    refuse(Use.KEY, "the same key twice", bytes(good + good));
    refuse(Use.KEY, "encrypted", bytes(good.replace(PRIVATE_KEY, "ENCRYPTED " + PRIVATE_KEY)));
    refuse(
        Use.KEY,
        "encrypted of old",
        bytes(good.replaceFirst("KEY-----", "KEY-----\nProc-Type: 4,ENCRYPTED")));
    refuse(Use.KEY, "wrong end", bytes(good.replace("END " + PRIVATE_KEY, "END CERTIFICATE")));
    refuse(Use.KEY, "stars", bytes(good.replaceFirst("[A-Za-z0-9+/]{20}\n", "*****\n")));
    refuse(Use.KEY, "P-384", pem(Forge.keys("EC", 384).getPrivate().getEncoded()));
    refuse(Use.KEY, "RSA", pem(Forge.keys("RSA", 2048).getPrivate().getEncoded()));
    for (String algorithm : List.of("Ed25519", "X25519", "DSA")) {
      var keys = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
      refuse(Use.KEY, algorithm, pem(keys.getPrivate().getEncoded()));
    }
    AlgorithmIdentifier koblitz =
        new AlgorithmIdentifier(
            X9ObjectIdentifiers.id_ecPublicKey, new ASN1ObjectIdentifier("1.3.132.0.10"));
    ECPrivateKey small = new ECPrivateKey(256, BigInteger.TWO);
    refuse(Use.KEY, "secp256k1", pem(new PrivateKeyInfo(koblitz, small).getEncoded()));
    RSAPrivateCrtKey rsa = (RSAPrivateCrtKey) Forge.keys("RSA", 2048).getPrivate();
    RSAPrivateKey mixed =
        new RSAPrivateKey(
            rsa.getModulus(),
            rsa.getPublicExponent(),
            rsa.getPrivateExponent(),
            rsa.getPrimeP().add(BigInteger.TWO),
            rsa.getPrimeQ(),
            rsa.getPrimeExponentP(),
            rsa.getPrimeExponentQ(),
            rsa.getCrtCoefficient());
    AlgorithmIdentifier rsaId = new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption);
    refuse(Use.KEY, "RSA of other primes", pem(new PrivateKeyInfo(rsaId, mixed).getEncoded()));
    for (String mode : List.of("rw-r-----", "rw----r--", "rwxrwxrwx", "rw--w----", "rw------x")) {
      for (Use use : List.of(Use.KEY, Use.STORE)) {
        Path open = write(good(use));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString(mode));
        refuse(use, mode, open);
      }
    }
  }

  private void wrongChains() throws Exception {
    String good = text(CLIENT.certificatePem());
    String issuer = text(TestPki.CA.certificatePem());
    refuse(Use.CHAIN, "of another key", TestPki.STRANGER.certificatePem());
    refuse(Use.CHAIN, "issuer first", bytes(issuer + good));
    refuse(Use.CHAIN, "Ed25519", Forge.of(TestPki.CA, "x").keys(ed25519()).make().certificatePem());
    for (Use use : List.of(Use.CHAIN, Use.TRUST)) {
      refuse(use, "key", CLIENT.keyPem());
      refuse(use, "key too", bytes(good + text(CLIENT.keyPem())));
      refuse(use, "key in front", bytes(text(CLIENT.keyPem()) + good));
      refuse(use, "second cut off", bytes(good + issuer.substring(0, 200)));
      refuse(use, "second empty", bytes(good + pem("CERTIFICATE", "")));
      refuse(use, "second damaged", bytes(good + pem("CERTIFICATE", "QUJDRA==\n")));
      refuse(use, "hyphen in it", bytes(good.replaceFirst("\nMII", "\nM-I")));
      refuse(use, "other end", bytes(good.replace("END CERTIFICATE", "END CERTIFICATES")));
      byte[] der = CLIENT.certificate().getEncoded();
      // Tags and lengths of the certificate, its signed part, version and serial number.
      for (int at : new int[] {0, 1, 2, 4, 5, 6, 8, 9, 10, 13}) {
        byte[] broken = der.clone();
        broken[at] ^= 0x40;
        refuse(use, "inner byte " + at, Certificates.toPem("CERTIFICATE", broken));
      }
    }
  }

  private void cutOff() throws Exception {
    for (Use use : Use.values()) {
      byte[] good = good(use);
      // A key is whole when only the end of its last line is missing.
      for (int size = 0; size < good.length - 8; size += use == Use.STORE ? 64 : 8) {
        refuse(use, "cut to " + size, Arrays.copyOf(good, size));
      }
    }
    for (String password : List.of("", "Password", "password ")) {
      Path file = write(good(Use.STORE));
      judge(
          Use.STORE,
          "password",
          file,
          catchThrowable(() -> TlsIdentity.ofPkcs12(file, password.toCharArray())));
    }
  }

  private void refuse(Use use, String what, byte[] bytes) throws Exception {
    refuse(use, what, write(bytes));
  }

  private void refuse(Use use, String what, Path file) {
    judge(use, what, file, catchThrowable(() -> open(use, file)));
  }

  /** Opens a client on a port that is taken: what was refused before came before anything bound. */
  private void open(Use use, Path file) throws Exception {
    QuicClient.Builder builder = QuicClient.builder();
    builder.localAddress((InetSocketAddress) taken.getLocalSocketAddress());
    switch (use) {
      case CHAIN -> builder.identity(TlsIdentity.ofPemFiles(file, key));
      case KEY -> builder.identity(TlsIdentity.ofPemFiles(chain, file));
      case STORE -> builder.identity(TlsIdentity.ofPkcs12(file, PASSWORD));
      case TRUST -> builder.identity(CLIENT.identity());
    }
    builder.trust(use == Use.TRUST ? TlsTrust.ofPemFile(file) : TestPki.CA.trust());
    builder.open().close();
  }

  private static boolean isAddressInUse(Throwable e) {
    return e instanceof ConnectionException it
        && it.kind() == JetStreamException.Kind.ADDRESS_IN_USE;
  }

  private void judge(Use use, String what, Path file, Throwable e) {
    if (e instanceof ConfigurationException it
        && it.getMessage().contains(file.toString())
        && !it.getMessage().contains("null")
        && text(CLIENT.keyPem()).lines().skip(1).limit(2).noneMatch(it.getMessage()::contains)) {
      refused++;
    } else {
      wrong.add(use + " " + what + ": " + e);
    }
  }

  private static byte[] good(Use use) throws Exception {
    return switch (use) {
      case CHAIN -> CLIENT.certificatePem();
      case TRUST -> TestPki.CA.certificatePem();
      case KEY -> CLIENT.keyPem();
      case STORE -> {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        java.security.cert.Certificate[] certificates = {CLIENT.certificate()};
        store.setKeyEntry("key", CLIENT.keys().getPrivate(), PASSWORD, certificates);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store.store(out, PASSWORD);
        yield out.toByteArray();
      }
    };
  }

  private static java.security.KeyPair ed25519() throws Exception {
    return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
  }

  private static byte[] pem(byte[] der) {
    return Certificates.toPem(PRIVATE_KEY, der);
  }

  private static String pem(String label, String lines) {
    return "-----BEGIN " + label + "-----\n" + lines + "-----END " + label + "-----\n";
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] out = new byte[bytes.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = bytes[out.length - 1 - i];
    }
    return out;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private Path write(byte[] bytes) throws Exception {
    Path file = Files.write(folder.resolve("file " + files++), bytes);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }
}
