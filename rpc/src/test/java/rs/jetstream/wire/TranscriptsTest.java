package rs.jetstream.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import rs.jetstream.wire.RustTypes.RustType;
import rs.jetstream.wire.WireFormatException.Kind;

/**
 * What was written to the Rust server and what it answered, as bytes: how lanes behave is tested
 * where lanes are.
 */
// r[verify jetstream.rpc.frame]
final class TranscriptsTest {
  /** What of it we read otherwise: at what frame, and why. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "no-handshake-call-first", "", // a good frame; it comes too early
          "rversion-first", "0 BAD_TYPE",
          "unknown-message-type", "1 BAD_TYPE",
          "unknown-message-type-with-payload", "1 BAD_TYPE",
          "size-below-four", "1 BAD_FRAME",
          "size-five", "1 BAD_FRAME",
          "bad-bool-like-payload", "1 TRUNCATED",
          "trailing-bytes", "1 TRAILING",
          "error-behind-good-call", "2 BAD_TYPE",
          "huge-size-announced", "1 CUT");

  static Stream<JsonNode> transcripts() {
    return Vectors.transcripts().stream()
        .filter(t -> !t.get("scenario").asText().equals("blob-over-msize")); // abridged bytes
  }

  @Test
  void everyTranscriptIsThere() {
    assertThat(Vectors.transcripts()).hasSize(45);
    assertThat(transcripts()).hasSize(44);
  }

  @ParameterizedTest
  @MethodSource("transcripts")
  void whatTheServerAnsweredIsReadToTheLastByteAndWrittenAgain(JsonNode transcript)
      throws Exception {
    byte[] received = HexFormat.of().parseHex(transcript.get("received").asText());
    WireWriter out = WireWriter.growing(received.length);
    assertThat(read(received, InteropService.RESPONSES, out)).isEmpty();
    assertThat(out.toByteArray()).isEqualTo(received);
  }

  @ParameterizedTest
  @MethodSource("transcripts")
  void whatWasSentIsReadOrRefused(JsonNode transcript) throws Exception {
    StringBuilder hex = new StringBuilder();
    StreamSupport.stream(transcript.get("sent").spliterator(), false)
        .forEach(part -> hex.append(part.asText()));
    byte[] sent = HexFormat.of().parseHex(hex);
    String expected =
        transcript.get("scenario").asText().equals("half-a-frame-fin")
            ? "1 CUT"
            : REFUSED.getOrDefault(transcript.get("scenario").asText(), "");
    assertThat(read(sent, InteropService.REQUESTS, WireWriter.growing(sent.length)))
        .isEqualTo(expected);
  }

  /** Reads frame after frame and writes them again; says where it stopped, unless at the end. */
  private static String read(byte[] stream, Map<Integer, RustType> types, WireWriter out)
      throws WireFormatException {
    List<Integer> tags = new ArrayList<>();
    MemorySegment rest = MemorySegment.ofArray(stream);
    while (rest.byteSize() > 0) {
      if (rest.byteSize() < 4) {
        return tags.size() + " CUT";
      }
      long size = rest.get(Layouts.I32, 0) & 0xffff_ffffL;
      if (size >= Frames.HEADER && size > rest.byteSize()) {
        return tags.size() + " CUT";
      }
      try {
        MemorySegment frame = size < Frames.HEADER ? rest : rest.asSlice(0, size);
        InteropService.Message message = InteropService.read(frame, types);
        InteropService.write(out, message, types);
        tags.add(message.tag());
      } catch (WireFormatException e) {
        assertThat(e.kind()).isNotEqualTo(Kind.REFUSED);
        return tags.size() + " " + e.kind();
      }
      rest = rest.asSlice(size);
    }
    return "";
  }
}
