package rs.jetstream.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import rs.jetstream.wire.WireFormatException.Kind;

/**
 * URLs as text, in the spelling of the WHATWG's URL standard: scheme and host in lower case, the
 * host in ASCII, no default port, no dot segments, a path that begins with a slash.
 *
 * <p>What the standard leaves as it is and {@link URI} does not take is percent-encoded when read.
 */
final class UrlCodec implements KeyCodec<URI> {
  /** RFC 3986, appendix B, with an obligatory scheme. */
  private static final Pattern PARTS =
      Pattern.compile(
          "([A-Za-z][A-Za-z0-9+.-]*):(?://([^/?#]*))?([^?#]*)(\\?[^#]*)?(#.*)?", Pattern.DOTALL);

  private static final Pattern AUTHORITY =
      Pattern.compile("(?:(.*)@)?(\\[[0-9A-Fa-f:.]+]|[^:\\[\\]]*)(?::([0-9]*))?", Pattern.DOTALL);

  /** The schemes that the standard calls special, with their ports. */
  private static final Map<String, Integer> SPECIAL =
      Map.of("http", 80, "https", 443, "ws", 80, "wss", 443, "ftp", 21, "file", -1);

  private static final int MAX_PORT = 0xffff;

  /** What {@link URI} takes beside letters and digits. */
  private static final String LEGAL_IN_PATH = "-_.!~*'();/:@&=+$,";

  private static final String LEGAL_IN_QUERY = LEGAL_IN_PATH + "?[]";

  @Override
  public void write(WireWriter out, URI value) throws WireFormatException {
    String text;
    try {
      text = normalised(value.toString());
    } catch (IllegalArgumentException e) {
      throw out.failure(Kind.BAD_URL, String.valueOf(e.getMessage()));
    }
    out.writeString(text);
  }

  @Override
  public URI read(WireReader in) throws WireFormatException {
    String text = in.readString();
    try {
      return new URI(normalised(text));
    } catch (IllegalArgumentException e) {
      throw in.failure(Kind.BAD_URL, String.valueOf(e.getMessage()));
    } catch (URISyntaxException e) {
      throw in.failure(Kind.BAD_URL, "the text is no URL: " + e.getReason());
    }
  }

  @Override
  public int compare(URI a, URI b) {
    return Utf8.compare(spelled(a), spelled(b));
  }

  private static String spelled(URI url) {
    try {
      return normalised(url.toString());
    } catch (IllegalArgumentException e) {
      return url.toString(); // will not be written
    }
  }

  /** Throws IllegalArgumentException, whose message quotes nothing of the text. */
  private static String normalised(String text) {
    Matcher parts = PARTS.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("the text is no absolute URL");
    }
    String scheme = parts.group(1).toLowerCase(Locale.ROOT);
    boolean special = SPECIAL.containsKey(scheme);
    @Nullable String authority = parts.group(2);
    if (special && authority == null) {
      throw new IllegalArgumentException("the URL has no host");
    }
    String path = encoded(parts.group(3), LEGAL_IN_PATH);
    if (special) {
      path = withoutDots(path);
    }
    return scheme
        + ":"
        + (authority == null ? "" : "//" + authority(scheme, authority))
        + path
        + encoded(orEmpty(parts.group(4)), LEGAL_IN_QUERY)
        + fragment(orEmpty(parts.group(5)));
  }

  private static String fragment(String text) {
    return text.isEmpty() ? "" : "#" + encoded(text.substring(1), LEGAL_IN_QUERY);
  }

  private static String authority(String scheme, String authority) {
    Matcher parts = AUTHORITY.matcher(authority);
    if (!parts.matches()) {
      throw new IllegalArgumentException("the URL's host or port is bad");
    }
    String host = parts.group(2).toLowerCase(Locale.ROOT);
    if (!host.startsWith("[")) {
      host = ascii(checkedHost(host));
    }
    if (host.isEmpty() && SPECIAL.containsKey(scheme) && !scheme.equals("file")) {
      throw new IllegalArgumentException("the URL's host is empty");
    }
    String user = parts.group(1) == null ? "" : encoded(parts.group(1), LEGAL_IN_PATH) + "@";
    return user + host + port(scheme, orEmpty(parts.group(3)));
  }

  private static String ascii(String host) {
    try {
      return IDN.toASCII(host, IDN.ALLOW_UNASSIGNED);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the URL's host has no ASCII form"); // e quotes the text
    }
  }

  private static String checkedHost(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c <= ' ' || c == 0x7f || "\"#%/:<>?@[\\]^`{|}".indexOf(c) >= 0) {
        throw new IllegalArgumentException("the URL's host has a forbidden character");
      }
    }
    return host;
  }

  private static String port(String scheme, String digits) {
    if (digits.isEmpty()) {
      return "";
    }
    int port = digits.length() > 5 ? MAX_PORT + 1 : Integer.parseInt(digits);
    if (port > MAX_PORT) {
      throw new IllegalArgumentException("the URL's port is over 65535");
    }
    Integer usual = SPECIAL.get(scheme);
    return usual != null && usual == port ? "" : ":" + port;
  }

  private static String withoutDots(String path) {
    Deque<String> kept = new ArrayDeque<>();
    String[] segments = path.split("/", -1);
    for (int i = 1; i < segments.length; i++) { // what is before the first slash is empty
      boolean last = i == segments.length - 1;
      switch (segments[i].toLowerCase(Locale.ROOT).replace("%2e", ".")) {
        case "." -> {
          if (last) {
            kept.add("");
          }
        }
        case ".." -> {
          kept.pollLast();
          if (last) {
            kept.add("");
          }
        }
        default -> kept.add(segments[i]);
      }
    }
    return "/" + String.join("/", kept);
  }

  /** Percent-encodes all but ASCII letters, digits, escapes and what is {@code legal}. */
  private static String encoded(String text, String legal) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isLetterOrDigit(c) || legal.indexOf(c) >= 0 || isEscape(text, i)) {
        out.append(c);
        continue;
      }
      int end = text.offsetByCodePoints(i, 1);
      for (byte b : text.substring(i, end).getBytes(UTF_8)) {
        out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
      i = end - 1;
    }
    return out.toString();
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  private static boolean isEscape(String text, int i) {
    return text.charAt(i) == '%'
        && i + 2 < text.length()
        && HexFormat.isHexDigit(text.charAt(i + 1))
        && HexFormat.isHexDigit(text.charAt(i + 2));
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
