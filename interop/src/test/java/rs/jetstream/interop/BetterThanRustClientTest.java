package rs.jetstream.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.JetStreamPeer;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.rpc.CallOptions;
import rs.jetstream.rpc.JetStreamClient;
import rs.jetstream.rpc.JetStreamServer;
import rs.jetstream.rpc.RawLane;
import rs.jetstream.rpc.RpcException;
import rs.jetstream.rpc.ScriptedServer;
import rs.jetstream.wire.Unit;

/**
 * The same server put to this library's client and to the published Rust one: our calls end as they
 * must, and theirs are seen not to. Where a test of theirs fails, Rust was mended.
 */
@Timeout(60)
final class BetterThanRustClientTest {
  private static final String MENDED = "what Rust 16.0.0 does not do; was it mended?";

  /** The Rust client has no deadline of a call, so that its process has one. */
  private static final int RUST_SECONDS = 2;

  /** More than a tag has values: after them the Rust client gives out tags that are in use. */
  private static final int CALLS = 70_000;

  private static final int THREADS = 64;
  private static final int TAGS = 16;

  @TempDir Path directory;

  /** What the scripted server was asked. */
  private final AtomicInteger requests = new AtomicInteger();

  /** What a server does instead of answering, and how our call ends by it. */
  enum Ending {
    FINISHES_THE_LANE(Kind.CLOSED),
    RESETS_THE_LANE(Kind.STREAM_RESET),
    CLOSES_THE_CONNECTION(Kind.APPLICATION_CLOSE),
    ANSWERS_NOBODY(Kind.BAD_MESSAGE),
    SAYS_NOTHING(Kind.DEADLINE);

    private final Kind kind;

    Ending(Kind kind) {
      this.kind = kind;
    }

    private void end(RawLane lane, QuicConnection connection) throws Exception {
      switch (this) {
        case FINISHES_THE_LANE -> lane.stream.finish();
        case RESETS_THE_LANE -> lane.stream.reset(3);
        case CLOSES_THE_CONNECTION -> connection.close(4);
        case ANSWERS_NOBODY ->
            lane.send(RawLane.response(PeerService.NOTHING, 4000, Unit.INSTANCE));
        case SAYS_NOTHING -> {}
      }
    }
  }

  private ScriptedServer server(Ending ending) throws Exception {
    return new ScriptedServer(
        JetStreamPeer.javaServer(),
        (lane, connection) -> {
          lane.agree();
          for (byte[] request = lane.next(); request.length > 0; request = lane.next()) {
            requests.incrementAndGet();
            // What our client asks next is answered well.
            if (RawLane.type(request) == PeerService.ADD.requestId()) {
              lane.send(RawLane.response(PeerService.ADD, RawLane.tag(request), 42L));
              continue;
            }
            ending.end(lane, connection);
            if (ending != Ending.SAYS_NOTHING) {
              return;
            }
          }
        });
  }

  private static JetStreamClient client(int port) throws Exception {
    return JetStreamClient.builder()
        .quic(JetStreamPeer.javaClient())
        .address("localhost", port)
        .lanesPerService(1)
        .maxCallsPerLane(TAGS)
        .open();
  }

  @ParameterizedTest
  @EnumSource
  void ourCallFailsAtOnceOrAtItsDeadlineWhenTheServer(Ending ending) throws Exception {
    try (ScriptedServer server = server(ending);
        JetStreamClient client = client(server.quic.localAddress().getPort())) {
      Duration deadline =
          ending == Ending.SAYS_NOTHING ? Duration.ofMillis(200) : Duration.ofMinutes(10);
      PeerAsyncClient calls =
          new PeerAsyncClient(
              client.caller(PeerService.DESCRIPTOR, CallOptions.defaults().withTimeout(deadline)));
      RpcException failed =
          (RpcException)
              catchThrowableOfType(
                      ExecutionException.class, () -> calls.nothing().get(20, TimeUnit.SECONDS))
                  .getCause();
      assertThat(failed.kind()).as(failed.toString()).isEqualTo(ending.kind);
      assertThat(client.service(Peer.class).add(40, 2)).isEqualTo(42);
      assertThat(server.connections).hasValue(ending == Ending.CLOSES_THE_CONNECTION ? 2 : 1);
      assertThat(server.failures).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void rustCallNeverEndsWhenTheServer(Ending ending) throws Exception {
    try (ScriptedServer server = server(ending)) {
      JsonNode outcome =
          new ObjectMapper()
              .readTree(
                  JetStreamPeer.client(
                      directory,
                      server.quic.localAddress(),
                      "--lanes",
                      "1",
                      "--values",
                      "1",
                      "--timeout-seconds",
                      "" + RUST_SECONDS));
      assertThat(requests).as("what the server must do first").hasValue(1);
      assertThat(outcome.get("error").asText())
          .as(MENDED)
          .isEqualTo("not done after " + RUST_SECONDS + " seconds");
      assertThat(server.failures).isEmpty();
    }
  }

  private interface Storm {
    void run(JetStreamServer server) throws Exception;
  }

  private static void atOurServer(Storm storm) throws Exception {
    try (JetStreamServer server =
        JetStreamServer.builder()
            .quic(JetStreamPeer.javaServer())
            .service(new PeerHandler())
            .open()) {
      storm.run(server);
    }
  }

  @Test
  void ourAnswersAreRightAfterMoreCallsThanATagHasValues() throws Exception {
    atOurServer(server -> {
      AtomicLong made = new AtomicLong();
      AtomicLong right = new AtomicLong();
      try (JetStreamClient client = client(server.localAddress().getPort());
          ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
        Peer peer = client.service(Peer.class);
        List<Future<?>> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          threads.add(
              executor.submit(() -> {
                for (long a; (a = made.getAndIncrement()) < CALLS; ) {
                  if (peer.add(a, a << 20) == a + (a << 20)) {
                    right.incrementAndGet();
                  }
                }
                return null;
              }));
        }
        for (Future<?> thread : threads) {
          thread.get();
        }
      }
      assertThat(right).hasValue(CALLS);
    });
  }

  @Test
  void rustAnswersAreNotAllRightAfterMoreCallsThanATagHasValues() throws Exception {
    atOurServer(server -> {
      JsonNode outcome =
          new ObjectMapper()
              .readTree(
                  JetStreamPeer.storm(
                      directory,
                      server.localAddress(),
                      "--calls",
                      "" + CALLS,
                      "--tasks",
                      "" + THREADS));
      System.out.println("Rust: " + outcome);
      assertThat(outcome.get("right").asLong())
          .as("%s: %s", MENDED, outcome)
          .isGreaterThan(60_000)
          .isLessThan(CALLS);
    });
  }
}
