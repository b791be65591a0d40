package rs.jetstream.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.JetStreamPeer;
import rs.jetstream.rpc.CallOptions;
import rs.jetstream.rpc.JetStreamClient;
import rs.jetstream.rpc.RpcException;
import rs.jetstream.wire.ErrorMessage.Field;
import rs.jetstream.wire.ErrorMessage.Level;
import rs.jetstream.wire.ErrorMessage.Span;
import rs.jetstream.wire.WireWriter;

/** This library's client against JetStream's Rust server, over quinn and over s2n-quic. */
@Timeout(120)
final class RustServerTest {
  private static final long SEED =
      Long.getLong("jetstream.test.seed", System.nanoTime() & 0xffff_ffffL);

  /** On each of four lanes. */
  private static final int VALUES = Integer.getInteger("jetstream.test.values", 1000);

  @TempDir Path directory;

  private interface Body {
    void run(JetStreamClient client) throws Exception;
  }

  private void against(Body body, String... arguments) throws Exception {
    try (JetStreamPeer peer = JetStreamPeer.server(directory, arguments)) {
      InetSocketAddress address = peer.address();
      assertThat(peer.version()).isEqualTo(PeerService.DESCRIPTOR.version().text());
      try (JetStreamClient client =
          JetStreamClient.builder()
              .quic(JetStreamPeer.javaClient())
              .address("localhost", address.getPort())
              .lanesPerService(4)
              .open()) {
        body.run(client);
      }
    }
  }

  private static byte[] encoded(Everything value) throws Exception {
    WireWriter out = WireWriter.growing(1 << 20);
    EverythingCodec.INSTANCE.write(out, value);
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"quinn", "s2n"})
  void randomValuesOfEveryTypeComeBack(String transport) throws Exception {
    System.out.printf("seed: -Djetstream.test.seed=%d%n", SEED);
    against(
        client -> {
          Peer peer = client.service(Peer.class);
          try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> lanes = new ArrayList<>();
            for (int lane = 0; lane < 4; lane++) {
              RandomValues random = new RandomValues(SEED + lane);
              lanes.add(
                  executor.submit(() -> {
                    for (int i = 0; i < VALUES; i++) {
                      Everything value = random.everything();
                      Everything back = peer.everything(value);
                      assertThat(back).as("value %d, seed %d", i, SEED).isEqualTo(value);
                      assertThat(encoded(back)).isEqualTo(encoded(value));
                    }
                    return null;
                  }));
            }
            for (Future<?> lane : lanes) {
              lane.get();
            }
          }
        },
        "--transport",
        transport);
  }

  @ParameterizedTest
  @ValueSource(strings = {"quinn", "s2n"})
  void callsAreUnderstood(String transport) throws Exception {
    against(
        client -> {
          Peer peer = client.service(Peer.class);
          peer.nothing();
          assertThat(peer.add(40, 2)).isEqualTo(42);
          String longest = "x".repeat(65_535);
          assertThat(peer.text(longest)).isEqualTo(longest);
          assertThat(peer.text("")).isEmpty();
          ByteBuffer large = ByteBuffer.wrap(new byte[3 << 20]);
          assertThat(peer.blob(large)).isEqualTo(large);
          assertThat(client.service(Second.class).name()).isEqualTo("second");
        },
        "--transport",
        transport);
  }

  @Test
  void whatCannotBeSentFailsItsCallAlone() throws Exception {
    against(client -> {
      Peer peer = client.service(Peer.class);
      String longer = "x".repeat(65_536);
      RpcException failed = catchThrowableOfType(RpcException.class, () -> peer.text(longer));
      assertThat(failed.kind()).isEqualTo(Kind.NOT_ENCODABLE);
      ByteBuffer large = ByteBuffer.wrap(new byte[5 << 20]);
      failed = catchThrowableOfType(RpcException.class, () -> peer.blob(large));
      assertThat(failed.kind()).isEqualTo(Kind.NOT_ENCODABLE);
      assertThat(peer.add(1, 2)).isEqualTo(3);
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"quinn", "s2n"})
  void answersComeOutOfOrder(String transport) throws Exception {
    against(
        client -> {
          PeerAsyncClient peer = new PeerAsyncClient(client.caller(PeerService.DESCRIPTOR));
          CompletableFuture<Long> first = peer.hold(1);
          CompletableFuture<Long> second = peer.hold(2);
          peer.release(2).get();
          assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo(2);
          assertThat(first).isNotDone();
          peer.release(1).get();
          assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo(1);
        },
        "--transport",
        transport);
  }

  private static final Failure FAILURE =
      new Failure(
          "refused: ü",
          Optional.of("peer::E1"),
          Optional.of("ask again"),
          Optional.of("https://example.org/E1"));

  private static RpcException failure(Peer peer) {
    RpcException failed = catchThrowableOfType(RpcException.class, () -> peer.fail(FAILURE));
    assertThat(failed.kind()).isEqualTo(Kind.REMOTE_ERROR);
    assertThat(failed).hasMessageContaining("refused: ü").hasMessageContaining("peer::E1");
    assertThat(failed.errorCode()).isEqualTo(FAILURE.code());
    assertThat(failed.help()).isEqualTo(FAILURE.help());
    assertThat(failed.url()).isEqualTo(FAILURE.url());
    return failed;
  }

  @Test
  void errorsComeWithTheirBackTraces() throws Exception {
    against(
        client -> {
          List<Span> trace = failure(client.service(Peer.class)).trace();
          assertThat(trace).extracting(Span::name).containsExactly("inner", "outer");
          assertThat(trace).extracting(Span::level).containsExactly(Level.WARN, Level.INFO);
          assertThat(trace.getFirst().file()).endsWith("handler.rs");
          assertThat(trace.getFirst().line()).isPositive();
          assertThat(trace.getFirst().fields())
              .containsExactly(new Field("depth", "2"), new Field("kind", "\"test\""));
          assertThat(trace.getLast().fields()).containsExactly(new Field("key", "7"));
        },
        "--traces");
  }

  @Test
  void errorsComeWithoutBackTraces() throws Exception {
    against(client -> assertThat(failure(client.service(Peer.class)).trace()).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"quinn", "s2n"})
  void theHandlerSeesTheNamesOfTheCertificate(String transport) throws Exception {
    against(
        client -> {
          Names names = client.service(Peer.class).whoAmI(null);
          assertThat(names.commonName()).contains("named client");
          assertThat(names.dnsNames()).containsExactly("client.example");
          assertThat(names.ipAddresses()).containsExactly("192.0.2.7");
          assertThat(names.emails()).containsExactly("client@example.org");
          assertThat(names.uris()).containsExactly("spiffe://example.org/client");
          assertThat(names.fingerprint()).matches("[0-9a-f]{64}");
          assertThat(names.address()).isEqualTo("127.0.0.1");
        },
        "--transport",
        transport);
  }

  @Test
  void aServiceThatIsNotThereIsRefusedAtOnce() throws Exception {
    against(client -> {
      RpcException failed =
          catchThrowableOfType(RpcException.class, () -> client.service(Nowhere.class).nothing());
      assertThat(failed.kind()).isEqualTo(Kind.VERSION_REFUSED);
      client.service(Peer.class).nothing();
    });
  }

  @Test
  void anUnknownVersionIsRefusedAtOnce() throws Exception {
    against(
        client -> {
          RpcException failed =
              catchThrowableOfType(
                  RpcException.class, () -> client.service(Nowhere.class).nothing());
          assertThat(failed.kind()).isEqualTo(Kind.VERSION_REFUSED);
          assertThat(failed).hasMessageContaining("does not know it");
          client.service(Peer.class).nothing();
        },
        "--routerless");
  }

  @Test
  void silenceEndsWithTheDeadlineAndTheLaneGoesOn() throws Exception {
    against(client -> {
      CallOptions impatient = CallOptions.defaults().withTimeout(Duration.ofMillis(200));
      RpcException failed =
          catchThrowableOfType(
              RpcException.class, () -> client.service(Peer.class, impatient).silence());
      assertThat(failed.kind()).isEqualTo(Kind.DEADLINE);
      assertThat(client.service(Peer.class).add(1, 2)).isEqualTo(3);
    });
  }

  @Test
  @SuppressWarnings("try") // closed before its end: that is what is tested
  void callsUnderWayFailWhenTheServerStops() throws Exception {
    try (JetStreamPeer peer = JetStreamPeer.server(directory);
        JetStreamClient client =
            JetStreamClient.builder()
                .quic(JetStreamPeer.javaClient())
                .address("localhost", peer.address().getPort())
                .open()) {
      PeerAsyncClient calls = new PeerAsyncClient(client.caller(PeerService.DESCRIPTOR));
      calls.nothing().get();
      CompletableFuture<Void> silence = calls.silence();
      calls.nothing().get();
      peer.close();
      Throwable failed =
          catchThrowableOfType(ExecutionException.class, () -> silence.get(20, TimeUnit.SECONDS))
              .getCause();
      assertThat(((RpcException) failed).kind()).isEqualTo(Kind.APPLICATION_CLOSE);
    }
  }
}
