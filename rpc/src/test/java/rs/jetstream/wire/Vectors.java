package rs.jetstream.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.StreamSupport;

/** The bytes that the published Rust crates wrote, read and refused. */
@SuppressWarnings("exports") // tests are exported to nobody
public final class Vectors {
  private static final JsonNode ALL = load();

  private Vectors() {}

  private static JsonNode load() {
    try (InputStream in = Vectors.class.getResourceAsStream("vectors.json")) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Values and frames. */
  public static List<Vector> values() {
    return list(ALL.get("vectors")).map(Vector::new).toList();
  }

  /** Subscription frames, computed. */
  public static List<Vector> drafts() {
    return list(ALL.get("draft").get("vectors")).map(Vector::new).toList();
  }

  /** One stream each against the Rust server. */
  public static List<JsonNode> transcripts() {
    return list(ALL.get("transcripts").get("streams")).toList();
  }

  private static java.util.stream.Stream<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  /** One value and its bytes. */
  public record Vector(JsonNode json) {
    /** What it is called. */
    public String name() {
      return json.get("name").asText();
    }

    /** The Rust type, with its fields. */
    public String type() {
      return json.get("type").asText();
    }

    /** The value. */
    public JsonNode value() {
      return json.get("value");
    }

    /** Whether a decoder must refuse the bytes. */
    public boolean rejects() {
      return json.path("rejects").asBoolean();
    }

    /** Whether an encoder must refuse the value. */
    public boolean encodeRejects() {
      return json.path("encode_rejects").asBoolean();
    }

    /** Whether Rust accepts the bytes and would write others. */
    public boolean nonCanonical() {
      return json.path("non_canonical").asBoolean();
    }

    /** Whether the order of members is not fixed. */
    public boolean decodeOnly() {
      return json.path("decode_only").asBoolean();
    }

    /** The bytes. */
    public byte[] bytes() {
      StringBuilder hex = new StringBuilder(json.get("hex").asText());
      JsonNode repeated = json.path("then_repeat");
      if (!repeated.isMissingNode()) {
        hex.repeat(repeated.get("hex").asText(), repeated.get("count").asInt());
      }
      return HexFormat.of().parseHex(hex);
    }

    /** The bytes that Rust would write instead. */
    public byte[] reencoded() {
      return HexFormat.of().parseHex(json.get("reencodes_to").asText());
    }

    @Override
    public String toString() {
      return name();
    }
  }
}
