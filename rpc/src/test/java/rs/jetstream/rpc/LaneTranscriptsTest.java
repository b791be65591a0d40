package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.MessageType;
import rs.jetstream.wire.Unit;
import rs.jetstream.wire.Vectors;

/**
 * What was written to the Rust server, written to this one: the same comes back, and the lane ends
 * or goes on as there, unless {@link #OTHERWISE} says what is done better here.
 */
// r[verify jetstream.rpc.version]
@Timeout(60)
final class LaneTranscriptsTest {
  private static final int PROBE = 0x7777;
  private static final int ASKED = 1 << 16;
  private static final ValueLayout.OfInt SIZE =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** What comes back, and whether the lane goes on. */
  private record Expected(boolean open, List<byte[]> frames) {}

  private static final Map<String, Expected> OTHERWISE =
      Map.ofEntries(
          // Refused by "unknown", where Rust says nothing and its client waits for ever.
          ended("handshake-wrong-name", unknown(1)),
          ended("handshake-name-case", unknown(1)),
          ended("handshake-not-semver", unknown(1)),
          ended("handshake-four-parts", unknown(1)),
          ended("handshake-garbage", unknown(1)),
          ended("handshake-unknown-word", unknown(1)),
          ended("handshake-9p", unknown(1)),
          // Versions count, where Rust echoes whatever has the name.
          ended("handshake-newer-patch", unknown(1)),
          ended("handshake-other-major", unknown(1)),
          goesOn("handshake-older-minor", ours(1)),
          goesOn("handshake-other-digest", ours(1)),
          goesOn("handshake-no-digest", ours(1)),
          goesOn("handshake-prefix-only-starts-with", ours(1)),
          ended("handshake-msize-zero-then-call", unknown(1)),
          goesOn("tversion-again-newer", ours(1), unknown(2)),
          goesOn(
              "tversion-again-older",
              ours(1),
              RawLane.version(MessageType.VERSION_RESPONSE, 2, 1234, Interop.VERSION)),
          goesOn("tversion-again-other-major", ours(1), unknown(2)),
          goesOn("tversion-again-garbage", ours(1), unknown(2), pong(3)),
          // Nothing is lost.
          goesOn("call-pipelined-behind-tversion", ours(1), pong(2), pong(3)),
          // No back-trace for strangers.
          goesOn(
              "application-error",
              ours(1),
              error(
                  2,
                  new ErrorMessage(
                      "division by zero",
                      "interop::divide",
                      "pass a non-zero divisor",
                      "https://example.test/errors/divide",
                      List.of()))),
          // What breaks the protocol is told, and the lane ends.
          ended("same-tag-twice-in-flight", ours(1), RawLane.response(Interop.DELAY, 7, 200L)),
          ended("unknown-message-type", ours(1), bad(2, "the service has no message of type 254")),
          ended(
              "unknown-message-type-with-payload",
              ours(1),
              bad(2, "the service has no message of type 254")),
          ended("bad-bool-like-payload", ours(1), unreadable(2)),
          ended("trailing-bytes", ours(1), unreadable(2)),
          ended(
              "error-behind-good-call",
              ours(1),
              bad(3, "the service has no message of type 254"),
              RawLane.response(Interop.DELAY, 2, 100L)),
          ended("huge-size-announced", ours(1)));

  /** Where the order of answers is not fixed. */
  private static final Set<String> ANY_ORDER =
      Set.of(
          "tag-zero-and-ffff",
          "call-pipelined-behind-tversion",
          "unknown-message-type",
          "tversion-again-garbage");

  private static Ends blocking;
  private static Ends nonBlocking;
  private static Ends.Raw toBlocking;
  private static Ends.Raw toNonBlocking;

  @BeforeAll
  static void open() throws IOException {
    blocking = new Ends();
    nonBlocking = new Ends(new Interop.Handlers(true), it -> it, it -> it);
    toBlocking = new Ends.Raw(blocking.server);
    toNonBlocking = new Ends.Raw(nonBlocking.server);
  }

  @AfterAll
  static void close() {
    toBlocking.close();
    toNonBlocking.close();
    blocking.close();
    nonBlocking.close();
  }

  private static Map.Entry<String, Expected> ended(String scenario, byte[]... frames) {
    return Map.entry(scenario, new Expected(false, List.of(frames)));
  }

  private static Map.Entry<String, Expected> goesOn(String scenario, byte[]... frames) {
    return Map.entry(scenario, new Expected(true, List.of(frames)));
  }

  private static byte[] ours(int tag) {
    return RawLane.version(MessageType.VERSION_RESPONSE, tag, ASKED, Interop.VERSION);
  }

  private static byte[] unknown(int tag) {
    return RawLane.version(MessageType.VERSION_RESPONSE, tag, 0, "unknown");
  }

  private static byte[] pong(int tag) {
    return RawLane.response(Interop.PING, tag, Unit.INSTANCE);
  }

  private static byte[] error(int tag, ErrorMessage error) {
    return RawLane.frame(MessageType.ERROR, tag, ErrorMessage.CODEC, error);
  }

  private static byte[] bad(int tag, String message) {
    return error(tag, Errors.of(message, Errors.BAD_MESSAGE));
  }

  /** Its text is the decoder's: not compared. */
  private static byte[] unreadable(int tag) {
    return bad(tag, "");
  }

  static Stream<JsonNode> transcripts() {
    return Vectors.transcripts().stream();
  }

  @ParameterizedTest
  @MethodSource("transcripts")
  void theLaneEndsAsTheTranscriptSays(JsonNode transcript) throws Exception {
    check(transcript, toBlocking);
  }

  @ParameterizedTest
  @MethodSource("transcripts")
  void theLaneEndsSoAlsoWithMethodsThatDoNotBlock(JsonNode transcript) throws Exception {
    check(transcript, toNonBlocking);
  }

  private static void check(JsonNode transcript, Ends.Raw raw) throws Exception {
    String scenario = transcript.get("scenario").asText();
    List<byte[]> sent = new ArrayList<>();
    transcript.get("sent").forEach(part -> sent.add(bytes(part.asText())));
    try (RawLane lane = new RawLane(raw.open())) {
      if (scenario.equals("blob-over-msize")) {
        overAgreedSize(lane, sent.getFirst());
        return;
      }
      Expected expected = OTHERWISE.getOrDefault(scenario, asRust(transcript));
      if (scenario.endsWith("byte-by-byte")) {
        for (byte b : sent.getFirst()) {
          lane.send(new byte[] {b});
        }
      } else {
        sendAll(lane, sent, expected);
      }
      if (transcript.get("sent_fin").asBoolean()) {
        lane.stream.finish();
      }
      List<byte[]> received = new ArrayList<>();
      for (int i = 0; i < expected.frames().size(); i++) {
        received.add(lane.next());
      }
      check(scenario, received, expected.frames());
      if (transcript.get("sent_fin").asBoolean()) {
        assertThat(lane.next()).isEmpty();
      } else if (expected.open()) {
        lane.send(RawLane.request(Interop.PING, PROBE, Unit.INSTANCE));
        assertThat(lane.next()).isEqualTo(pong(PROBE));
        lane.stream.finish();
        assertThat(lane.next()).isEmpty();
      } else {
        lane.assertEndedAndStopped();
      }
    }
    try (RawLane next = new RawLane(raw.open())) {
      next.handshake(Interop.VERSION);
    }
  }

  /** A lane may have ended before the last part: that is no failure here. */
  private static void sendAll(RawLane lane, List<byte[]> sent, Expected expected)
      throws IOException {
    for (byte[] part : sent) {
      try {
        lane.send(part);
      } catch (IOException e) {
        if (expected.open()) {
          throw e;
        }
      }
    }
  }

  private static void check(String scenario, List<byte[]> received, List<byte[]> expected)
      throws IOException {
    List<byte[]> sorted = new ArrayList<>(received);
    List<byte[]> wanted = new ArrayList<>(expected);
    if (ANY_ORDER.contains(scenario)) {
      sorted.sort(Arrays::compare);
      wanted.sort(Arrays::compare);
    }
    for (int i = 0; i < wanted.size(); i++) {
      if (Arrays.equals(wanted.get(i), unreadable(2))) {
        ErrorMessage error = RawLane.payload(sorted.get(i), ErrorMessage.CODEC);
        assertThat(RawLane.tag(sorted.get(i))).isEqualTo(2);
        assertThat(error.code()).isEqualTo(Errors.BAD_MESSAGE);
      } else {
        assertThat(sorted.get(i)).isEqualTo(wanted.get(i));
      }
    }
  }

  private static Expected asRust(JsonNode transcript) {
    byte[] received = bytes(transcript.get("received").asText());
    List<byte[]> frames = new ArrayList<>();
    for (int at = 0; at < received.length; ) {
      int size = MemorySegment.ofArray(received).get(SIZE, at);
      frames.add(Arrays.copyOfRange(received, at, at + size));
      at += size;
    }
    return new Expected(transcript.get("stream").asText().equals("open"), frames);
  }

  /** Where 64 bytes were agreed, a frame of 100,011 is refused; Rust answers it. */
  private static void overAgreedSize(RawLane lane, byte[] handshake) throws IOException {
    lane.send(handshake);
    byte[] blob = RawLane.request(Interop.BLOB, 2, MemorySegment.ofArray(new byte[100_000]));
    assertThat(blob).hasSize(100_011);
    try {
      lane.send(blob);
    } catch (IOException e) {
      // Refused before its end.
    }
    assertThat(lane.next())
        .isEqualTo(RawLane.version(MessageType.VERSION_RESPONSE, 1, 64, Interop.VERSION));
    byte[] refused = lane.next();
    assertThat(refused).hasSizeLessThanOrEqualTo(64);
    assertThat(RawLane.type(refused)).isEqualTo(MessageType.ERROR);
    assertThat(lane.next()).isEmpty();
  }

  private static byte[] bytes(String hex) {
    return hex.contains("..") ? new byte[0] : HexFormat.of().parseHex(hex); // abridged
  }
}
