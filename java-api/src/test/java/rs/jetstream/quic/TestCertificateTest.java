package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.JetStreamException.Kind;

/** Certificates that say TEST ONLY serve no other machine. */
@Timeout(60)
final class TestCertificateTest {
  // r[verify security.1.8]
  // r[verify security.1.10]
  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1"})
  void serverThatOthersCanReachRefusesIt(String host) throws Exception {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), 0);
    ConfigurationException e =
        catchThrowableOfType(
            ConfigurationException.class,
            () -> Loopback.server(builder -> builder.address(address)));
    assertThat(e.kind()).isEqualTo(Kind.TEST_CERTIFICATE);
    assertThat(e)
        .hasMessageContaining(address.toString())
        .hasMessageContaining("its certificate says TEST ONLY")
        .hasMessageContaining("dangerouslyAllowTestCertificate");
  }

  // r[verify security.1.8]
  @Test
  void anIssuerForTestsIsRefusedToo() throws Exception {
    TestPki.Party issuer = TestPki.plain(null, "Real CA");
    TestPki.Party server = TestPki.plain(issuer, "localhost");
    InetSocketAddress any = new InetSocketAddress("0.0.0.0", 0);
    ConfigurationException e =
        catchThrowableOfType(
            ConfigurationException.class,
            () -> Loopback.server(builder -> builder.identity(server.identity()).address(any)));
    assertThat(e.kind()).isEqualTo(Kind.TEST_CERTIFICATE);
    assertThat(e).hasMessageContaining("an issuer that it trusts says TEST ONLY");
    // Without the mark nobody has to say anything.
    Loopback.server(
            builder -> builder.identity(server.identity()).trust(issuer.trust()).address(any))
        .close();
  }

  // r[verify security.1.10]
  @Test
  void itDoesNotComeInByAReloadEither() throws Exception {
    TestPki.Party issuer = TestPki.plain(null, "Real CA");
    TestPki.Party real = TestPki.plain(issuer, "localhost");
    InetSocketAddress any = new InetSocketAddress("0.0.0.0", 0);
    try (QuicServer server =
        Loopback.server(
            builder -> builder.identity(real.identity()).trust(issuer.trust()).address(any))) {
      for (TlsReload change :
          new TlsReload[] {
            TlsReload.of().identity(TestPki.SERVER.identity()),
            TlsReload.of().trust(TestPki.CA.trust())
          }) {
        ConfigurationException e =
            catchThrowableOfType(ConfigurationException.class, () -> server.reload(change));
        assertThat(e.kind()).isEqualTo(Kind.TEST_CERTIFICATE);
      }
      server.reload(TlsReload.of().identity(real.identity()));
    }
  }

  // r[verify security.1.10]
  @Test
  void serverThatIsToldOtherwiseTakesIt() throws Exception {
    InetSocketAddress any = new InetSocketAddress("0.0.0.0", 0);
    Loopback.server(builder -> builder.address(any).dangerouslyAllowTestCertificate()).close();
  }

  // r[verify security.1.10]
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.1.2.3"})
  void serverOnTheLoopbackAddressTakesIt(String host) throws Exception {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), 0);
    Loopback.server(builder -> builder.address(address)).close();
  }
}
