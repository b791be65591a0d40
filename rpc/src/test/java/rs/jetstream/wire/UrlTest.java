package rs.jetstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.wire.WireFormatException.Kind;

// r[verify jetstream.wireformat.url]
final class UrlTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "HTTPS://EXAMPLE.test | https://example.test/",
        "https://bücher.example/é | https://xn--bcher-kva.example/%C3%A9",
        "http://a.test:80/x | http://a.test/x",
        "https://a.test:443 | https://a.test/",
        "http://a.test:443 | http://a.test:443/",
        "http://a.test:/ | http://a.test/",
        "http://u:p@A.test:8080/./b/../c/?q=[1]#f | http://u:p@a.test:8080/c/?q=[1]#f",
        "http://a.test/a/b/.. | http://a.test/a/",
        "http://a.test/.. | http://a.test/",
        "http://[2001:DB8::1]:81/ | http://[2001:db8::1]:81/",
        "http://under_score.test/ | http://under_score.test/",
        "mailto:a@b.test | mailto:a@b.test",
        "urn:isbn:1 | urn:isbn:1",
        "data:,x | data:,x",
        "file:///a | file:///a",
        "a.b+c-1:x | a.b+c-1:x",
      })
  void urlIsWrittenAsBrowsersSpellIt(String given, String expected) throws Exception {
    WireWriter out = WireWriter.growing(1000);
    Codecs.URL.write(out, URI.create(given));
    assertThat(WireReader.of(out.written()).readString()).isEqualTo(expected);
    assertThat(Codecs.URL.read(WireReader.of(out.written()))).hasToString(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '\t',
      quoteCharacter = '`',
      value = {
        "http://a.test/?a={b}|c^ d\thttp://a.test/?a=%7Bb%7D%7Cc%5E%20d",
        "http://a.test/[x]|%zz\thttp://a.test/%5Bx%5D%7C%25zz",
      })
  void whatAUriCannotHoldIsEncodedWhenRead(String given, String expected) throws Exception {
    WireWriter out = WireWriter.growing(1000);
    out.writeString(given);
    assertThat(Codecs.URL.read(WireReader.of(out.written()))).hasToString(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/a/b",
        "a.test/x",
        "//a.test/",
        "?q",
        ":x",
        "1a:x",
        "http:",
        "http:a.test",
        "http://",
        "http:///x",
        "http://a.test:99999/",
        "http://a.test:x/",
        "http://a b.test/",
        "http://a%41.test/",
        "http://[::1/",
        "http://[zz]/",
        "https:",
        "x:",
        "http://\u05d0secret.test/",
        "http://secret\u00e9aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/",
      })
  void otherTextIsRefused(String text) throws Exception {
    WireWriter out = WireWriter.growing(1000);
    out.writeString(text);
    assertThatThrownBy(() -> Codecs.URL.read(WireReader.of(out.written())))
        .satisfies(ValueVectorsTest.kind(Kind.BAD_URL))
        .hasMessageNotContaining("secret");
  }
}
