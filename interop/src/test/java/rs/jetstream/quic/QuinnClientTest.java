package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Quinn's client against this library's server. */
@Timeout(120)
final class QuinnClientTest {
  private static final String[] CERTIFICATE = {"--cert", "client.crt", "--key", "client.key"};
  private static final String[] STRANGERS = {"--cert", "stranger.crt", "--key", "stranger.key"};
  private static final String[] WORK = {"--bytes", "8388608", "--calls", "500"};

  @TempDir Path directory;

  private final AtomicReference<List<X509Certificate>> peer = new AtomicReference<>();

  private interface Body {
    void run(QuicServer server) throws Exception;
  }

  private void serving(ClientAuthentication authentication, Body body) throws Exception {
    serving(TestPki.SERVER.identity(), authentication, body);
  }

  private void serving(TlsIdentity identity, ClientAuthentication authentication, Body body)
      throws Exception {
    try (QuicServer server =
        QuicServer.builder()
            .identity(identity)
            .trust(TestPki.CA.trust())
            .clientAuthentication(authentication)
            .open()) {
      Thread.startVirtualThread(() -> {
        try {
          while (true) {
            QuicConnection connection = server.accept();
            peer.set(connection.peerCertificates());
            Thread.startVirtualThread(() -> serveBidirectional(connection));
            Thread.startVirtualThread(() -> serveUnidirectional(connection));
          }
        } catch (IOException e) {
          // Closed at the end of the test.
        }
      });
      body.run(server);
    }
  }

  private static void serveBidirectional(QuicConnection connection) {
    try {
      while (true) {
        BidirectionalStream stream = connection.acceptBidirectional();
        Thread.startVirtualThread(() -> {
          try (stream) {
            echo(stream, stream);
          } catch (IOException e) {
            // The client sees it.
          }
        });
      }
    } catch (IOException e) {
      // The client has closed.
    }
  }

  private static void serveUnidirectional(QuicConnection connection) {
    try {
      while (true) {
        ReceiveStream stream = connection.acceptUnidirectional();
        Thread.startVirtualThread(() -> {
          try (stream;
              SendStream answer = connection.openUnidirectional()) {
            echo(stream, answer);
          } catch (IOException e) {
            // The client sees it.
          }
        });
      }
    } catch (IOException e) {
      // The client has closed.
    }
  }

  private static void echo(ReceiveStream from, SendStream to) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(64 * 1024);
      for (long count; (count = from.receive(buffer)) >= 0; ) {
        to.send(buffer.asSlice(0, count));
      }
      to.finish();
    }
  }

  private static String[] join(String[] first, String... second) {
    String[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  private static void assertOk(QuinnPeer.Outcome outcome, boolean unidirectional) {
    assertThat(outcome.json())
        .isEqualTo(
            "{\"bytes\":8388608,\"calls\":500,\"uni\":"
                + unidirectional
                + ",\"alpn\":\"jetstream\",\"ok\":true}");
    assertThat(outcome.exitCode()).isZero();
  }

  @Test
  void bulkAndCallsComeBackOverMutualTls() throws Exception {
    serving(
        ClientAuthentication.REQUIRED,
        server -> {
          assertOk(QuinnPeer.client(directory, server, join(WORK, CERTIFICATE)), false);
          assertThat(peer.get().getFirst()).isEqualTo(TestPki.CLIENT.certificate());
        });
  }

  @Test
  void unidirectionalStreamsAreAnsweredOnUnidirectionalStreams() throws Exception {
    serving(
        ClientAuthentication.REQUIRED,
        server ->
            assertOk(
                QuinnPeer.client(directory, server, join(join(WORK, CERTIFICATE), "--uni")), true));
  }

  @Test
  void bulkAndCallsComeBackWithoutAClientCertificate() throws Exception {
    serving(
        ClientAuthentication.NONE,
        server -> {
          assertOk(QuinnPeer.client(directory, server, WORK), false);
          assertThat(peer.get()).isEmpty();
        });
  }

  @Test
  void optionalCertificateMayBeMissing() throws Exception {
    serving(
        ClientAuthentication.OPTIONAL,
        server -> {
          assertOk(QuinnPeer.client(directory, server, WORK), false);
          assertThat(peer.get()).isEmpty();
        });
  }

  @Test
  void optionalCertificateIsSeenWhenItIsShown() throws Exception {
    serving(
        ClientAuthentication.OPTIONAL,
        server -> {
          assertOk(QuinnPeer.client(directory, server, join(WORK, CERTIFICATE)), false);
          assertThat(peer.get().getFirst()).isEqualTo(TestPki.CLIENT.certificate());
        });
  }

  private void assertRefused(ClientAuthentication authentication, String... arguments)
      throws Exception {
    serving(
        authentication,
        server -> {
          QuinnPeer.Outcome outcome = QuinnPeer.client(directory, server, arguments);
          assertThat(outcome.json()).startsWith("{\"ok\":false,\"error\":");
          assertThat(outcome.exitCode()).isEqualTo(1);
          assertThat(server.takeRefusedHandshake()).isPresent();
          assertThat(peer.get()).isNull();
        });
  }

  @Test
  void clientWithoutACertificateIsRefused() throws Exception {
    assertRefused(ClientAuthentication.REQUIRED, WORK);
  }

  @Test
  void clientWithAStrangersCertificateIsRefused() throws Exception {
    assertRefused(ClientAuthentication.REQUIRED, join(WORK, STRANGERS));
  }

  @Test
  void strangersCertificateIsRefusedWhereNoneIsNeeded() throws Exception {
    assertRefused(ClientAuthentication.OPTIONAL, join(WORK, STRANGERS));
  }

  /**
   * No protocol at all, another, two of which none fits, and one whose name this side cannot have.
   */
  @ParameterizedTest
  @ValueSource(strings = {"", "another", "another second", "x"})
  void clientWithoutACommonProtocolIsRefused(String offered) throws Exception {
    serving(
        ClientAuthentication.REQUIRED,
        server -> {
          QuinnPeer.Outcome outcome =
              QuinnPeer.client(directory, server, join(join(WORK, CERTIFICATE), alpn(offered)));
          assertThat(outcome.json()).contains("120"); // no_application_protocol, RFC 7301
          assertThat(outcome.exitCode()).isEqualTo(1);
          RefusedHandshake refused = server.takeRefusedHandshake().orElseThrow();
          assertThat(refused.cause()).isEqualTo(RefusedHandshake.Cause.ALPN);
          assertThat(peer.get()).isNull();
        });
  }

  @Test
  void protocolThatBothKnowIsTaken() throws Exception {
    serving(
        ClientAuthentication.REQUIRED,
        server ->
            assertOk(
                QuinnPeer.client(
                    directory, server, join(join(WORK, CERTIFICATE), alpn("another jetstream"))),
                false));
  }

  private static String[] alpn(String names) {
    return Stream.of(names.split(" ", -1))
        .flatMap(name -> Stream.of("--alpn", name))
        .toArray(String[]::new);
  }

  /**
   * Each side with an RSA key; this one's is in a device, which shows neither it nor its modulus.
   */
  @Test
  void bothSidesProveThemselvesByRsaAndThisOneByADevice() throws Exception {
    TestPki.Party mine = TestPki.server(Forge.keys("RSA", 2048));
    TestPki.Party theirs = TestPki.client(Forge.keys("RSA", 2048));
    RawRsaDevice.INSIDE.set(mine.keys().getPrivate());
    Security.addProvider(new RawRsaDevice());
    try {
      TlsIdentity identity =
          TlsIdentity.ofExternalKey(new RawRsaDevice.Handle(), List.of(mine.certificate()));
      serving(
          identity,
          ClientAuthentication.REQUIRED,
          server -> {
            QuinnPeer.write(directory, "rsa", theirs);
            String[] rsa = {"--cert", "rsa.crt", "--key", "rsa.key"};
            assertOk(QuinnPeer.client(directory, server, join(WORK, rsa)), false);
            assertThat(peer.get().getFirst()).isEqualTo(theirs.certificate());
          });
    } finally {
      Security.removeProvider(RawRsaDevice.NAME);
    }
  }
}
