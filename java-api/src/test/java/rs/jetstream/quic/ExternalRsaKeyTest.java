package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Security;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.TestPki.Party;

/** RSA keys that their provider uses: the encoding is ours, and only the raw operation is its. */
@Timeout(120)
@ExtendWith(LeakExtension.class)
final class ExternalRsaKeyTest {
  private static KeyPair rsa(int bits) throws NoSuchAlgorithmException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  private static TlsIdentity external(PrivateKey key, Party party) throws ConfigurationException {
    return TlsIdentity.ofExternalKey(key, List.of(party.certificate()));
  }

  // r[verify security.1.15]
  @ParameterizedTest
  @ValueSource(ints = {2048, 2049, 3072, 4096})
  void bothSidesSignOutsideWithKeysOfAnyLength(int bits) throws Exception {
    Party server = TestPki.server(rsa(bits));
    Party client = TestPki.client(rsa(bits));
    TlsIdentity serverIdentity = external(server.keys().getPrivate(), server);
    TlsIdentity clientIdentity = external(client.keys().getPrivate(), client);
    try (QuicServer listening = Loopback.server(b -> b.identity(serverIdentity));
        QuicClient calling = Loopback.client(b -> b.identity(clientIdentity));
        QuicConnection connection = Loopback.connect(calling, listening);
        QuicConnection accepted = listening.accept(Loopback.SOON)) {
      assertThat(connection.tls().signatureScheme()).startsWith("rsa_pss_rsae_sha");
      assertThat(connection.peerCertificates()).startsWith(server.certificate());
      assertThat(accepted.peerCertificates()).startsWith(client.certificate());
    }
  }

  /** Each number of bits above whole bytes, and each hash; all that TLS 1.3 has. */
  @Test
  void encodingIsWhatTheJdkVerifies() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    int zeros = 0;
    for (int bits = 2048; bits <= 2056; bits++) {
      KeyPair keys = rsa(bits);
      for (int size : new int[] {256, 384, 512}) {
        String hash = "SHA-" + size;
        int scheme = 0x0804 + (size - 256) / 128;
        Signature verifier = Signature.getInstance("RSASSA-PSS");
        verifier.setParameter(
            new PSSParameterSpec("SHA-" + size, "MGF1", new MGF1ParameterSpec(hash), size / 8, 1));
        verifier.initVerify(keys.getPublic());
        for (int i = 0; i < 8; i++) {
          byte[] message = new byte[random.nextInt(200)];
          random.nextBytes(message);
          byte[] digest = MessageDigest.getInstance(hash).digest(message);
          byte[] signature = ExternalKeys.sign(keys.getPrivate(), keys.getPublic(), scheme, digest);
          assertThat(signature).hasSize((bits + 7) / 8);
          verifier.update(message);
          assertThat(verifier.verify(signature)).as("%s with %s bits", hash, bits).isTrue();
          zeros += signature[0] == 0 ? 1 : 0;
        }
      }
    }
    // Of 2,049 bits every second one.
    assertThat(zeros).as("signatures that begin with a zero").isPositive();
  }

  @Test
  void saltIsAnotherEachTime() throws Exception {
    KeyPair keys = rsa(2048);
    byte[] digest = new byte[32];
    assertThat(ExternalKeys.sign(keys.getPrivate(), keys.getPublic(), 0x0804, digest))
        .isNotEqualTo(ExternalKeys.sign(keys.getPrivate(), keys.getPublic(), 0x0804, digest));
  }

  @Test
  void keyThatCannotBeUsedRightlyIsRefusedBeforeAnythingIsBound() throws Exception {
    KeyPair weak = rsa(1024);
    assertRefused(weak.getPrivate(), TestPki.server(weak), Kind.BAD_PRIVATE_KEY, "1024 bits");
    KeyPair good = rsa(2048);
    Party party = TestPki.server(good);
    assertRefused(rsa(2048).getPrivate(), party, Kind.KEY_MISMATCH, "another modulus");
    assertRefused(rsa(3072).getPrivate(), party, Kind.KEY_MISMATCH, "another modulus");
    assertRefused(good.getPrivate(), TestPki.SERVER, Kind.KEY_MISMATCH, "whose key is EC");
    PrivateKey ec = TestPki.SERVER.keys().getPrivate();
    assertRefused(ec, party, Kind.KEY_MISMATCH, "whose key is RSA");
    KeyPairGenerator pss = KeyPairGenerator.getInstance("RSASSA-PSS");
    pss.initialize(2048);
    PrivateKey other = pss.generateKeyPair().getPrivate();
    assertRefused(other, party, Kind.BAD_PRIVATE_KEY, "only EC and RSA");
    // Its provider is not there, and none that is has raw RSA for it.
    PrivateKey handle = new RawRsaDevice.Handle();
    assertRefused(handle, party, Kind.BAD_PRIVATE_KEY, "must have the cipher RSA/ECB/NoPadding");
  }

  private static void assertRefused(PrivateKey key, Party party, Kind kind, String why) {
    ConfigurationException e =
        catchThrowableOfType(ConfigurationException.class, () -> external(key, party));
    assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
    assertThat(e).hasMessageContaining(why);
  }

  @Test
  void signatureThatIsWrongNeverLeavesThisSide() throws Exception {
    KeyPair keys = rsa(2048);
    Party party = TestPki.server(keys);
    RawRsaDevice.INSIDE.set(rsa(2048).getPrivate());
    Security.addProvider(new RawRsaDevice());
    try {
      PrivateKey handle = new RawRsaDevice.Handle();
      assertRefused(handle, party, Kind.KEY_MISMATCH, "does not verify");
      RawRsaDevice.INSIDE.set(keys.getPrivate());
      X509Certificate leaf = party.certificate();
      TlsIdentity identity = TlsIdentity.ofExternalKey(handle, List.of(leaf));
      try (QuicServer server = Loopback.server(b -> b.identity(identity));
          QuicClient client = Loopback.client(builder -> builder);
          Heard heard = new Heard()) {
        RawRsaDevice.FAULTS.set(1);
        ConnectionException e =
            catchThrowableOfType(ConnectionException.class, () -> Loopback.connect(client, server));
        assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.HANDSHAKE_REFUSED);
        assertThat(heard.next()).isInstanceOf(RsaPss.WrongSignatureException.class);
        Loopback.connect(client, server).close();
      }
    } finally {
      Security.removeProvider(RawRsaDevice.NAME);
    }
  }
}
