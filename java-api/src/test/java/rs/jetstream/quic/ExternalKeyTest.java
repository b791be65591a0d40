package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.Serial;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.TestPki.Party;

/** Keys that have no encoding, and that only their provider can use: as in a PKCS#11 device. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class ExternalKeyTest {
  /** What a device's key looks like from outside. */
  private record DeviceKey(String getAlgorithm) implements PrivateKey {
    @Serial private static final long serialVersionUID = 1;

    @Override
    public String getFormat() {
      return null;
    }

    @Override
    public byte[] getEncoded() {
      return null;
    }
  }

  private static final AtomicReference<PrivateKey> INSIDE = new AtomicReference<>();
  private static final AtomicInteger SIGNED = new AtomicInteger();
  private static final AtomicReference<Thread> SIGNER = new AtomicReference<>();
  private static final AtomicReference<CountDownLatch> BROKEN = new AtomicReference<>();

  /** The device: it signs digests, and takes no key but its own. */
  public static final class DeviceSignature extends SignatureSpi {
    private Signature real;

    @Override
    protected void engineInitSign(PrivateKey key) throws InvalidKeyException {
      if (!(key instanceof DeviceKey)) {
        throw new InvalidKeyException("not of this device");
      }
      try {
        real = Signature.getInstance("NONEwithECDSA", "SunEC");
        real.initSign(INSIDE.get());
      } catch (java.security.GeneralSecurityException e) {
        throw new InvalidKeyException(e);
      }
    }

    @Override
    protected void engineUpdate(byte[] bytes, int offset, int length) throws SignatureException {
      real.update(bytes, offset, length);
    }

    @Override
    protected byte[] engineSign() throws SignatureException {
      CountDownLatch broken = BROKEN.get();
      if (broken != null) {
        try {
          broken.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        throw new SignatureException("the device is gone");
      }
      SIGNED.incrementAndGet();
      SIGNER.set(Thread.currentThread());
      return real.sign();
    }

    @Override
    protected void engineInitVerify(java.security.PublicKey key) throws InvalidKeyException {
      throw new InvalidKeyException("signs only");
    }

    @Override
    protected void engineUpdate(byte b) throws SignatureException {
      real.update(b);
    }

    @Override
    protected boolean engineVerify(byte[] signature) {
      return false;
    }

    @Override
    @Deprecated
    protected void engineSetParameter(String name, Object value) {
      throw new InvalidParameterException();
    }

    @Override
    @Deprecated
    protected Object engineGetParameter(String name) {
      throw new InvalidParameterException();
    }
  }

  private static final class Device extends Provider {
    @Serial private static final long serialVersionUID = 1;

    Device() {
      super("TestDevice", "1", "signs with keys that it does not show");
      put("Signature.NONEwithECDSA", DeviceSignature.class.getName());
      put("Signature.NONEwithECDSA SupportedKeyClasses", DeviceKey.class.getName());
    }
  }

  @BeforeAll
  static void plugIn() {
    Security.addProvider(new Device());
  }

  @AfterAll
  static void unplug() {
    Security.removeProvider("TestDevice");
  }

  @BeforeEach
  void works() {
    BROKEN.set(null);
  }

  private static TlsIdentity external(Party party) throws ConfigurationException {
    INSIDE.set(party.keys().getPrivate());
    return TlsIdentity.ofExternalKey(new DeviceKey("EC"), List.of(party.certificate()));
  }

  // r[verify security.1.15]
  @Test
  void serverSignsOutside() throws Exception {
    TlsIdentity identity = external(TestPki.SERVER);
    int before = SIGNED.get();
    try (QuicServer server = Loopback.server(b -> b.identity(identity));
        QuicClient client = Loopback.client(builder -> builder)) {
      try (QuicConnection connection = Loopback.connect(client, server)) {
        assertThat(connection.tls().signatureScheme()).startsWith("ecdsa_secp256r1");
      }
      assertThat(SIGNED.get()).isEqualTo(before + 1);
      assertThat(SIGNER.get().isVirtual()).as("a device's call holds its thread").isFalse();
      // A renewed certificate of the same kind can take its place.
      Party renewed = TestPki.server(TestPki.CA, "localhost", TestPki.tomorrow());
      server.reload(TlsReload.of().identity(external(renewed)));
      try (QuicConnection connection = Loopback.connect(client, server)) {
        assertThat(connection.peerCertificates()).startsWith(renewed.certificate());
      }
    }
  }

  // r[verify security.1.15]
  @Test
  void clientSignsOutside() throws Exception {
    TlsIdentity identity = external(TestPki.CLIENT);
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(b -> b.identity(identity));
        QuicConnection connection = Loopback.connect(client, server);
        QuicConnection accepted = server.accept(Loopback.SOON)) {
      assertThat(accepted.peerCertificates()).startsWith(TestPki.CLIENT.certificate());
      assertThat(connection.closeReason()).isEmpty();
    }
  }

  @Test
  void serverGoesOnSigningWhenItsIdentityIsClosed() throws Exception {
    TlsIdentity identity = external(TestPki.SERVER);
    try (QuicServer server = Loopback.server(b -> b.identity(identity));
        QuicClient client = Loopback.client(builder -> builder)) {
      identity.close();
      Loopback.connect(client, server).close();
      assertThatThrownBy(() -> Loopback.server(b -> b.identity(identity)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is closed");
    }
  }

  @Test
  void deviceThatFailsOrHangsFailsTheHandshakeAlone() throws Exception {
    TlsIdentity identity = external(TestPki.SERVER);
    try (QuicServer server =
            Loopback.server(
                b -> b.identity(identity).decisionTimeout(java.time.Duration.ofMillis(200)));
        QuicClient client = Loopback.client(builder -> builder)) {
      CountDownLatch hangs = new CountDownLatch(1);
      for (CountDownLatch broken : List.of(new CountDownLatch(0), hangs)) {
        BROKEN.set(broken);
        ConnectionException e =
            catchThrowableOfType(ConnectionException.class, () -> Loopback.connect(client, server));
        assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.HANDSHAKE_REFUSED);
      }
      BROKEN.set(null);
      Loopback.connect(client, server).close();
      hangs.countDown();
    }
  }

  @Test
  void clientIsToldThatItsOwnDeviceDidNotSign() throws Exception {
    TlsIdentity identity = external(TestPki.CLIENT);
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client =
            Loopback.client(
                b -> b.identity(identity).decisionTimeout(java.time.Duration.ofMillis(200)))) {
      CountDownLatch hangs = new CountDownLatch(1);
      for (CountDownLatch broken : List.of(new CountDownLatch(0), hangs)) {
        BROKEN.set(broken);
        ConnectionException e =
            catchThrowableOfType(ConnectionException.class, () -> Loopback.connect(client, server));
        assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.NOT_SIGNED);
        assertThat(e.initiator()).isEqualTo(Initiator.LOCAL);
      }
      BROKEN.set(null);
      Loopback.connect(client, server).close();
      hangs.countDown();
    }
  }

  @Test
  void keyOfAnotherKindOrCertificateIsRefusedBeforeAnythingIsBound() throws Exception {
    assertThatThrownBy(() ->
            TlsIdentity.ofExternalKey(new DeviceKey("DSA"), List.of(TestPki.SERVER.certificate())))
        .isInstanceOfSatisfying(
            ConfigurationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BAD_PRIVATE_KEY))
        .hasMessageContaining("only EC and RSA");
    KeyPairGenerator other = KeyPairGenerator.getInstance("EC");
    other.initialize(256);
    INSIDE.set(other.generateKeyPair().getPrivate());
    assertThatThrownBy(() ->
            TlsIdentity.ofExternalKey(new DeviceKey("EC"), List.of(TestPki.SERVER.certificate())))
        .isInstanceOfSatisfying(
            ConfigurationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.KEY_MISMATCH));
    TlsIdentity external = external(TestPki.SERVER);
    assertThatThrownBy(() -> Loopback.server(b -> b.identity(external, TestPki.SERVER.identity())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("only one");
  }
}
