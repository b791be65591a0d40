package rs.jetstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.wire.WireFormatException.Kind;

// r[verify jetstream.rpc.version.text]
final class VersionTest {
  private static final String P = "rs.jetstream.proto/";

  @Test
  void handshakeMessageIsAsRustWritesIt() throws WireFormatException {
    WireWriter out = WireWriter.growing(1024);
    Frames.write(
        out,
        MessageType.VERSION_REQUEST,
        1,
        VersionMessage.CODEC,
        new VersionMessage(0xffff_ffffL, P + "interop/1.2.3+d541b537"));
    assertThat(HexFormat.of().formatHex(out.toByteArray()))
        .isEqualTo(
            "36000000640100ffffffff290072732e6a657473747265616d2e70726f746f"
                + "2f696e7465726f702f312e322e332b6435343162353337");
  }

  @Test
  void textIsReadAndWritten() throws WireFormatException {
    ServiceVersion version = ServiceVersion.parse(P + "echo/1.20.3-rc.1+d541b537");
    assertThat(version).isEqualTo(new ServiceVersion("echo", 1, 20, 3, "rc.1", "d541b537"));
    assertThat(version.text()).isEqualTo(P + "echo/1.20.3-rc.1+d541b537");
    assertThat(version).hasToString(version.text());
  }

  @Test
  void firstPartHasOnlyToBeginWithThePrefix() throws WireFormatException {
    assertThat(ServiceVersion.parse("rs.jetstream.protocol/interop/1.2.3").text())
        .isEqualTo(P + "interop/1.2.3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "unknown",
        "9P2000.L",
        "rs.jetstream.proto",
        P + "echo",
        P + "echo/1.2",
        P + "echo/1.2.3/",
        P + "a/echo/1.2.3",
        P + "echo/01.2.3",
        P + "echo/1.2.3-",
        P + "echo/1.2.3-01",
        P + "echo/1.2.3+",
        P + "echo/1.2.3+a..b",
        P + "echo/1.2.3 ",
        P + "echo/v1.2.3",
        P + "echo/-1.2.3",
        P + "echo/9999999999999999999.0.0",
        "x" + P + "echo/1.2.3",
      })
  void otherTextIsRefused(String text) {
    assertThatThrownBy(() -> ServiceVersion.parse(text))
        .isInstanceOfSatisfying(
            WireFormatException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BAD_VERSION));
  }

  @Test
  void longTextIsRefusedInShortTime() {
    assertThatThrownBy(() -> ServiceVersion.parse(P + "echo/1.2.3-" + "0".repeat(60_000) + "a"))
        .isInstanceOf(WireFormatException.class);
  }

  @Test
  void orderIsThatOfSemanticVersioning() throws WireFormatException {
    List<String> ascending =
        List.of(
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.0+0",
            "1.0.0+00",
            "1.0.0+1",
            "1.0.0+a",
            "1.0.1",
            "1.2.0",
            "1.10.0",
            "2.0.0");
    for (int i = 0; i < ascending.size(); i++) {
      for (int k = 0; k < ascending.size(); k++) {
        assertThat(Integer.signum(version(ascending.get(i)).compareTo(version(ascending.get(k)))))
            .as("%s to %s", ascending.get(i), ascending.get(k))
            .isEqualTo(Integer.compare(i, k));
      }
    }
  }

  @Test
  void serverServesItsMajorUpToItsOwnMinorAndPatch() throws WireFormatException {
    ServiceVersion server = version("1.2.3+d541b537");
    for (String yes : List.of("1.2.3", "1.2.3+00000000", "1.2.0", "1.1.9", "1.0.0")) {
      assertThat(server.serves(version(yes))).as(yes).isTrue();
    }
    for (String no : List.of("1.2.4", "1.3.0", "2.0.0", "0.9.9")) {
      assertThat(server.serves(version(no))).as(no).isFalse();
    }
    assertThat(server.serves(ServiceVersion.parse(P + "Echo/1.2.3"))).isFalse();
  }

  private static ServiceVersion version(String semantic) throws WireFormatException {
    return ServiceVersion.parse(P + "echo/" + semantic);
  }
}
