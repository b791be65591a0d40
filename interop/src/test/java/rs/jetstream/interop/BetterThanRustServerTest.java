package rs.jetstream.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.JetStreamPeer;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.rpc.CallOptions;
import rs.jetstream.rpc.JetStreamClient;
import rs.jetstream.rpc.JetStreamServer;
import rs.jetstream.rpc.RawLane;
import rs.jetstream.rpc.RpcException;
import rs.jetstream.wire.MessageType;

/**
 * The same fault, as bytes over QUIC, put to this library's server and to the published Rust one:
 * ours keeps the rule, and theirs is seen not to. Where a test of theirs fails, Rust was mended.
 */
@Timeout(60)
final class BetterThanRustServerTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String MENDED = "what Rust 16.0.0 does not do; was it mended?";

  /** A promise that nothing follows. */
  private static final int GIBIBYTE = 1 << 30;

  @TempDir Path directory;

  /** Whose server. */
  enum End {
    OURS,
    RUST;

    /** What is expected of this end. */
    <T> T of(T ours, T rust) {
      return this == OURS ? ours : rust;
    }
  }

  private interface Body {
    void run(InetSocketAddress server) throws Exception;
  }

  private void against(End end, Body body) throws Exception {
    if (end == End.RUST) {
      try (JetStreamPeer peer = JetStreamPeer.server(directory)) {
        body.run(peer.address());
      }
      return;
    }
    try (JetStreamServer server =
        JetStreamServer.builder()
            .quic(JetStreamPeer.javaServer())
            .service(new PeerHandler())
            .service(new FaultsHandler())
            .callTimeout(Duration.ofMillis(300))
            .open()) {
      body.run(server.localAddress());
    }
  }

  private interface Speech {
    void speak(QuicConnection connection) throws Exception;
  }

  private static void connected(InetSocketAddress server, Speech speech) throws Exception {
    try (QuicClient quic = JetStreamPeer.javaClient().open();
        QuicConnection connection = quic.connect(server, "localhost", SOON)) {
      speech.speak(connection);
    }
  }

  private static RawLane lane(QuicConnection connection) throws IOException {
    return new RawLane(connection.openBidirectional(SOON))
        .handshake(PeerService.DESCRIPTOR.version().text());
  }

  /** What an end answers to {@code bytes} on a lane of their own. */
  private List<String> answers(End end, byte[] bytes) throws Exception {
    List<String> answers = new ArrayList<>();
    against(
        end,
        server ->
            connected(
                server,
                connection -> {
                  try (RawLane lane = lane(connection)) {
                    answers.addAll(lane.answersTo(bytes));
                  }
                }));
    return answers;
  }

  private static byte[] text(int tag, String text) {
    return RawLane.request(PeerService.TEXT, tag, new PeerService.TextArguments(text));
  }

  private static byte[] add(int tag) {
    return RawLane.request(PeerService.ADD, tag, new PeerService.AddArguments(40, 2));
  }

  private static String error(int tag) {
    return MessageType.ERROR + "/" + tag;
  }

  @ParameterizedTest
  @EnumSource
  void requestInTheSurplusBytesOfAnotherNeverRuns(End end) throws Exception {
    byte[] outer = text(2, "outer");
    byte[] inner = add(3);
    byte[] both = Arrays.copyOf(outer, outer.length + inner.length);
    System.arraycopy(inner, 0, both, outer.length, inner.length);
    both[0] = (byte) both.length;
    assertThat(answers(end, both))
        .as(MENDED)
        .isEqualTo(
            end.of(
                List.of(error(2)),
                List.of(
                    PeerService.ADD.responseId() + "/3", PeerService.TEXT.responseId() + "/2")));
  }

  @ParameterizedTest
  @EnumSource
  void textThatIsShorterThanItSaysIsRefused(End end) throws Exception {
    byte[] request = text(2, "four");
    request[7] = 20;
    String answered = PeerService.TEXT.responseId() + "/2";
    assertThat(answers(end, request)).as(MENDED).containsExactly(end.of(error(2), answered));
  }

  @ParameterizedTest
  @EnumSource
  void frameThatIsLargerThanWasAgreedIsRefused(End end) throws Exception {
    ByteBuffer large = ByteBuffer.allocate(2 * RawLane.MAX_FRAME);
    byte[] request = RawLane.request(PeerService.BLOB, 2, new PeerService.BlobArguments(large));
    String answered = PeerService.BLOB.responseId() + "/2";
    assertThat(answers(end, request)).as(MENDED).containsExactly(end.of(error(2), answered));
  }

  @Test
  void promiseOfAGibibyteEndsTheLaneOfOurs() throws Exception {
    against(
        End.OURS,
        server ->
            connected(
                server,
                connection -> {
                  try (RawLane lane = lane(connection)) {
                    lane.send(promise());
                    assertThat(lane.next()).isEmpty();
                  }
                }));
  }

  /** Memory is promised before there is a byte of it: of the address space alone, as it happens. */
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "/proc tells of the memory")
  void promiseOfAGibibyteIsBelievedByRust() throws Exception {
    try (JetStreamPeer peer = JetStreamPeer.server(directory)) {
      connected(
          peer.address(),
          connection -> {
            try (RawLane promising = lane(connection);
                RawLane other = lane(connection)) {
              long before = addressSpace(peer);
              promising.send(promise());
              long until = System.nanoTime() + SOON.toNanos();
              long grown = 0;
              // Each call is a round trip after the promise.
              while (grown < GIBIBYTE && System.nanoTime() - until < 0) {
                other.send(add(2));
                assertThat(RawLane.tag(other.next())).isEqualTo(2);
                grown = addressSpace(peer) - before;
              }
              assertThat(grown).as(MENDED).isGreaterThanOrEqualTo(GIBIBYTE);
            }
          });
    }
  }

  private static byte[] promise() {
    return new byte[] {0, 0, 0, GIBIBYTE >> 24};
  }

  private static long addressSpace(JetStreamPeer peer) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + peer.process().pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmSize:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElseThrow();
  }

  /** A call of {@link Faults}. */
  private interface Fault {
    void call(Faults faults) throws IOException;
  }

  private static final List<Fault> FAULTS =
      List.of(Faults::throwing, Faults::overflows, Faults::exhausts, Faults::stays);

  /** A Rust call is never answered then; a Rust server does not live through two of the four. */
  @ParameterizedTest(name = "{0}, handler that {2}")
  @CsvSource({
    "OURS, 0, throws, true",
    "OURS, 1, overflows the stack, true",
    "OURS, 2, exhausts the memory, true",
    "OURS, 3, never returns, true",
    "RUST, 0, panics, true",
    "RUST, 1, overflows the stack, false",
    "RUST, 2, exhausts the memory, false",
    "RUST, 3, never returns, true"
  })
  void handlerThatFailsFailsItsCallAndNoOther(End end, int fault, String how, boolean lives)
      throws Exception {
    against(
        end,
        address -> {
          try (JetStreamClient client =
              JetStreamClient.builder()
                  .quic(JetStreamPeer.javaClient())
                  .address("localhost", address.getPort())
                  .maxAttempts(1)
                  .open()) {
            // That the next call is answered; how soon is a test of rpc's.
            CallOptions second = CallOptions.defaults().withTimeout(Duration.ofSeconds(1));
            Faults faults = client.service(Faults.class, second);
            client.service(Faults.class).nothing();
            RpcException failed =
                catchThrowableOfType(RpcException.class, () -> FAULTS.get(fault).call(faults));
            assertThat(failed.kind())
                .as(MENDED)
                .isEqualTo(end.of(Kind.REMOTE_ERROR, Kind.DEADLINE));
            if (lives) {
              faults.nothing();
            } else {
              assertThat(catchThrowableOfType(RpcException.class, faults::nothing))
                  .as(MENDED)
                  .isNotNull();
            }
          }
        });
  }
}
