package rs.jetstream.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.JetStreamPeer;
import rs.jetstream.rpc.JetStreamServer;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.WireReader;

/** JetStream's Rust client, over quinn and over s2n-quic, against this library's server. */
@Timeout(120)
final class RustClientTest {
  private static final long SEED =
      Long.getLong("jetstream.test.seed", System.nanoTime() & 0xffff_ffffL);
  private static final int VALUES = Integer.getInteger("jetstream.test.values", 1000);

  @TempDir Path directory;

  private JsonNode run(UnaryOperator<JetStreamServer.Builder> services, String... arguments)
      throws Exception {
    try (JetStreamServer server =
        services.apply(JetStreamServer.builder().quic(JetStreamPeer.javaServer())).open()) {
      return new ObjectMapper()
          .readTree(JetStreamPeer.client(directory, server.localAddress(), arguments));
    }
  }

  private static ErrorMessage error(JsonNode outcome) throws Exception {
    byte[] bytes = HexFormat.of().parseHex(outcome.get("error").asText());
    return ErrorMessage.CODEC.read(WireReader.of(MemorySegment.ofArray(bytes)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"quinn", "s2n"})
  void everythingThatItCallsIsAnswered(String transport) throws Exception {
    System.out.printf("seed: -Djetstream.test.seed=%d%n", SEED);
    JsonNode outcome =
        run(
            it -> it.service(new PeerHandler()),
            "--transport",
            transport,
            "--values",
            "" + VALUES,
            "--lanes",
            "4",
            "--blob",
            "" + (3 << 20),
            "--seed",
            "" + SEED);
    assertAllAnswered(outcome);
  }

  /** Every method was called, and rightly answered. */
  static void assertAllAnswered(JsonNode outcome) throws Exception {
    assertThat(outcome.get("ok").asBoolean()).as(outcome.toString()).isTrue();
    assertThat(outcome.get("version").asText()).isEqualTo(PeerService.DESCRIPTOR.version().text());
    assertThat(outcome.get("msize").asInt()).isEqualTo(4 << 20);
    assertThat(outcome.get("order")).hasToString("[2,1]");
    assertThat(outcome.get("second").asText()).isEqualTo("second");
    assertThat(error(outcome))
        .isEqualTo(
            new ErrorMessage(
                "refused: ü", "peer::E1", "ask again", "https://example.org/E1", List.of()));
    JsonNode names = outcome.get("names");
    assertThat(names.get("address").asText()).isEqualTo("127.0.0.1");
    assertThat(names.get("fingerprint").asText()).matches("[0-9a-f]{64}");
    assertThat(names.get("common_name").asText()).isEqualTo("named client");
    assertThat(names.get("dns_names")).hasToString("[\"client.example\"]");
    assertThat(names.get("ip_addresses")).hasToString("[\"192.0.2.7\"]");
    assertThat(names.get("emails")).hasToString("[\"client@example.org\"]");
    assertThat(names.get("uris")).hasToString("[\"spiffe://example.org/client\"]");
  }

  @Test
  void aBackTraceIsUnderstood() throws Exception {
    JsonNode outcome =
        run(
            it -> it.service(new PeerHandler()).dangerouslySendBackTraces(true),
            "--values",
            "1",
            "--lanes",
            "1");
    assertThat(outcome.get("ok").asBoolean()).as(outcome.toString()).isTrue();
    ErrorMessage.Span innermost = error(outcome).trace().getFirst();
    assertThat(innermost.name()).isEqualTo("fail");
    assertThat(innermost.target()).isEqualTo(PeerHandler.class.getName());
    assertThat(innermost.file()).isEqualTo("PeerHandler.java");
  }

  private static void assertRefused(JsonNode outcome) {
    assertThat(outcome.get("ok").asBoolean()).isFalse();
    // Told at once, where its own server leaves it waiting.
    assertThat(outcome.get("error").asText()).isEqualTo("server rejected version negotiation");
  }

  @Test
  void aServiceThatIsNotThereIsRefusedAtOnce() throws Exception {
    assertRefused(run(it -> it.service(new PeerHandler()), "--service", "nowhere"));
  }

  @Test
  void anIncompatibleVersionIsRefusedAtOnce() throws Exception {
    assertRefused(run(it -> it.service(NewerPeerDispatcher.of(() -> {}))));
  }
}
