package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Security;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rs.jetstream.quic.JetStreamException.Kind;

/** This library's client against quinn's server. */
@Timeout(120)
final class QuinnServerTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String[] ASKS = {"--client-ca", "ca.crt"};
  private static final String[] DOES_NOT_ASK = {};

  @TempDir Path directory;

  private interface Body {
    void run(QuicConnection connection) throws Exception;
  }

  private static QuicClient client(UnaryOperator<QuicClient.Builder> more) throws IOException {
    return more.apply(QuicClient.builder().trust(TestPki.CA.trust())).open();
  }

  private static QuicClient.Builder withCertificate(QuicClient.Builder builder) {
    return builder.identity(TestPki.CLIENT.identity());
  }

  private void connected(String[] server, UnaryOperator<QuicClient.Builder> more, Body body)
      throws Exception {
    try (QuinnPeer peer = QuinnPeer.server(directory, TestPki.SERVER, server);
        QuicClient client = client(more);
        QuicConnection connection = client.connect(peer.address(), "localhost", SOON)) {
      body.run(connection);
    }
  }

  private ConnectionException refused(
      TestPki.Party identity, String[] server, UnaryOperator<QuicClient.Builder> more)
      throws Exception {
    try (QuinnPeer peer = QuinnPeer.server(directory, identity, server);
        QuicClient client = client(more)) {
      var address = peer.address();
      return catchThrowableOfType(
          ConnectionException.class, () -> client.connect(address, "localhost", SOON).close());
    }
  }

  private static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static void bulkAndCalls(QuicConnection connection) throws Exception {
    byte[] bulk = random(8 << 20, 1);
    try (BidirectionalStream stream = connection.openBidirectional();
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> sending =
          executor.submit(() -> {
            stream.sendAndFinish(bulk);
            return null;
          });
      assertThat(stream.receiveAll(bulk.length)).isEqualTo(bulk);
      sending.get();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(32);
      for (int call = 0; call < 500; call++) {
        byte[] bytes = random(32, call);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, request, 0, bytes.length);
        try (BidirectionalStream stream = connection.openBidirectionalAndFinish(request)) {
          assertThat(stream.receiveAll(100)).isEqualTo(bytes);
        }
      }
    }
  }

  @Test
  void bulkAndCallsComeBackOverMutualTls() throws Exception {
    connected(
        ASKS,
        QuinnServerTest::withCertificate,
        connection -> {
          assertThat(connection.tls().applicationProtocol()).isEqualTo("jetstream");
          assertThat(connection.peerCertificates().getFirst())
              .isEqualTo(TestPki.SERVER.certificate());
          bulkAndCalls(connection);
        });
  }

  @Test
  void bulkAndCallsComeBackFromAServerThatDoesNotAskForACertificate() throws Exception {
    connected(DOES_NOT_ASK, builder -> builder, QuinnServerTest::bulkAndCalls);
  }

  @Test
  void aCertificateThatNobodyAsksForIsNoObstacle() throws Exception {
    connected(
        DOES_NOT_ASK,
        QuinnServerTest::withCertificate,
        connection -> assertThat(echo(connection, "hello")).isEqualTo("hello"));
  }

  @Test
  void clientWithoutACertificateIsRefused() throws Exception {
    assertThat(refused(TestPki.SERVER, ASKS, builder -> builder).kind())
        .isEqualTo(Kind.HANDSHAKE_REFUSED);
  }

  @Test
  void clientWithAStrangersCertificateIsRefused() throws Exception {
    ConnectionException refusal =
        refused(TestPki.SERVER, ASKS, builder -> builder.identity(TestPki.STRANGER.identity()));
    assertThat(refusal.kind()).isEqualTo(Kind.HANDSHAKE_REFUSED);
  }

  /** What a client offers, what a server has, and what is agreed on: `-` is no protocol at all. */
  @ParameterizedTest(name = "{0} of {1}")
  @CsvSource({
    "another, jetstream, -",
    "another second, jetstream third, -",
    "another jetstream, jetstream, jetstream",
    "jetstream another, another jetstream, another",
    "jetstream, third jetstream, jetstream",
    "jetstream, -, -"
  })
  void protocolThatBothKnowIsTakenAndWithNoneTheClientIsTold(
      String offered, String known, String agreed) throws Exception {
    String[] server =
        Stream.concat(
                Stream.of(ASKS),
                Stream.of(known.split(" ")).flatMap(it -> Stream.of("--alpn", it.replace("-", ""))))
            .toArray(String[]::new);
    UnaryOperator<QuicClient.Builder> client = it -> withCertificate(it).alpn(offered.split(" "));
    if (!agreed.equals("-")) {
      connected(server, client, it -> assertThat(it.tls().applicationProtocol()).isEqualTo(agreed));
      return;
    }
    long start = System.nanoTime();
    ConnectionException refusal = refused(TestPki.SERVER, server, client);
    // With the start and the end of the server; the handshake's own timeout is 10 s.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    assertThat(refusal.kind()).isEqualTo(Kind.HANDSHAKE_REFUSED);
    assertThat(refusal).hasMessageContaining("no application protocol (ALPN) in common");
    assertThat(refusal.code()).isEqualTo(0x100 + 120); // no_application_protocol, RFC 7301
    assertThat(refusal.initiator()).isEqualTo(Initiator.REMOTE);
  }

  /**
   * Each side with an RSA key; this one's is in a device, which shows neither it nor its modulus.
   */
  @Test
  void bothSidesProveThemselvesByRsaAndThisOneByADevice() throws Exception {
    TestPki.Party client = TestPki.client(Forge.keys("RSA", 2048));
    TestPki.Party server = TestPki.server(Forge.keys("RSA", 2048));
    RawRsaDevice.INSIDE.set(client.keys().getPrivate());
    Security.addProvider(new RawRsaDevice());
    TlsIdentity identity =
        TlsIdentity.ofExternalKey(new RawRsaDevice.Handle(), List.of(client.certificate()));
    try (QuinnPeer peer = QuinnPeer.server(directory, server, ASKS);
        QuicClient quic = client(it -> it.identity(identity));
        QuicConnection connection = quic.connect(peer.address(), "localhost", SOON)) {
      assertThat(connection.tls().signatureScheme()).startsWith("rsa_pss_rsae_sha");
      assertThat(connection.peerCertificates()).startsWith(server.certificate());
      assertThat(echo(connection, "hello")).isEqualTo("hello");
    } finally {
      Security.removeProvider(RawRsaDevice.NAME);
    }
  }

  @Test
  void serverOfAnotherIssuerIsNotTrusted() throws Exception {
    TestPki.Party stranger = TestPki.server(TestPki.OTHER_CA, "localhost", TestPki.tomorrow());
    assertThat(refused(stranger, DOES_NOT_ASK, builder -> builder).kind())
        .isEqualTo(Kind.PEER_NOT_TRUSTED);
  }

  @Test
  void serverOfAnotherNameIsNotTrusted() throws Exception {
    TestPki.Party other = TestPki.server(TestPki.CA, "elsewhere.test", TestPki.tomorrow());
    assertThat(refused(other, DOES_NOT_ASK, builder -> builder).kind())
        .isEqualTo(Kind.PEER_NOT_TRUSTED);
  }

  @Test
  void unidirectionalStreamsAreAnsweredOnUnidirectionalStreams() throws Exception {
    connected(
        ASKS,
        QuinnServerTest::withCertificate,
        connection -> {
          for (int size : new int[] {0, 1, 32, 1 << 20}) {
            byte[] bytes = random(size, size);
            try (SendStream stream = connection.openUnidirectional()) {
              stream.sendAndFinish(bytes);
              try (ReceiveStream answer = connection.acceptUnidirectional(SOON)) {
                assertThat(answer.receiveAll(size)).isEqualTo(bytes);
              }
            }
          }
        });
  }

  private static String echo(QuicConnection connection, String text) throws IOException {
    try (BidirectionalStream stream = connection.openBidirectional()) {
      stream.timeout(SOON);
      stream.sendAndFinish(text.getBytes(StandardCharsets.UTF_8));
      return new String(stream.receiveAll(1000), StandardCharsets.UTF_8);
    }
  }

  @Test
  void resetArrivesWithItsCode() throws Exception {
    connected(
        ASKS,
        QuinnServerTest::withCertificate,
        connection -> {
          StreamException reset =
              catchThrowableOfType(StreamException.class, () -> echo(connection, "RESET:42"));
          assertThat(reset.kind()).isEqualTo(Kind.STREAM_RESET);
          assertThat(reset.code()).isEqualTo(42);
          assertThat(reset.initiator()).isEqualTo(Initiator.REMOTE);
          assertThat(echo(connection, "hello")).isEqualTo("hello");
        });
  }

  @Test
  void requestToStopSendingArrivesWithItsCode() throws Exception {
    connected(
        ASKS,
        QuinnServerTest::withCertificate,
        connection -> {
          try (BidirectionalStream stream = connection.openBidirectional()) {
            stream.timeout(SOON);
            stream.send("STOP:17".getBytes(StandardCharsets.UTF_8));
            assertThat(stream.receiveAll(0)).isEmpty();
            byte[] more = new byte[1000];
            StreamException stopped =
                catchThrowableOfType(
                    StreamException.class,
                    () -> {
                      // Without an end: the first send after the request's arrival fails.
                      while (true) {
                        stream.send(more);
                      }
                    });
            assertThat(stopped.kind()).isEqualTo(Kind.STREAM_RESET);
            assertThat(stopped.code()).isEqualTo(17);
          }
          assertThat(echo(connection, "hello")).isEqualTo("hello");
        });
  }

  @Test
  void closeArrivesWithItsCode() throws Exception {
    connected(
        ASKS,
        QuinnServerTest::withCertificate,
        connection -> {
          ConnectionException closed =
              catchThrowableOfType(ConnectionException.class, () -> echo(connection, "CLOSE:99"));
          assertThat(closed.kind()).isEqualTo(Kind.APPLICATION_CLOSE);
          assertThat(closed.code()).isEqualTo(99);
          assertThat(closed.initiator()).isEqualTo(Initiator.REMOTE);
        });
  }

  @Test
  void ownResetIsUnderstoodWithItsCode() throws Exception {
    connected(
        ASKS,
        QuinnServerTest::withCertificate,
        connection -> {
          try (BidirectionalStream stream = connection.openBidirectional()) {
            stream.timeout(SOON);
            stream.send("half".getBytes(StandardCharsets.UTF_8));
            assertThat(stream.receive(new byte[1])).isEqualTo(1); // the server has begun
            stream.reset(23);
            StreamException answer =
                catchThrowableOfType(StreamException.class, () -> stream.receiveAll(100));
            assertThat(answer.kind()).isEqualTo(Kind.STREAM_RESET);
            assertThat(answer.code()).isEqualTo(23);
          }
        });
  }

  @Test
  void ownRequestToStopSendingIsUnderstoodWithItsCode() throws Exception {
    connected(
        ASKS,
        QuinnServerTest::withCertificate,
        connection -> {
          try (BidirectionalStream stream = connection.openBidirectional()) {
            stream.timeout(SOON);
            stream.send(new byte[1000]);
            assertThat(stream.receive(new byte[1])).isEqualTo(1);
            stream.stopSending(31);
            byte[] more = new byte[1000];
            StreamException answer =
                catchThrowableOfType(
                    StreamException.class,
                    () -> {
                      while (true) {
                        stream.send(more);
                      }
                    });
            assertThat(answer.kind()).isEqualTo(Kind.STREAM_RESET);
            assertThat(answer.code()).isEqualTo(31);
          }
        });
  }
}
