package rs.jetstream.wire;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import rs.jetstream.wire.WireFormatException.Kind;

/**
 * The version text of a service, {@code rs.jetstream.proto/<name>/<semantic version>}.
 *
 * <p>The order is that of Semantic Versioning 2.0.0 with build metadata as the last word, and of
 * the name before all.
 *
 * @param name the name, in lower case where Rust made it
 * @param major incompatible changes
 * @param minor compatible additions
 * @param patch everything else
 * @param preRelease what follows the hyphen, or empty
 * @param build what follows the plus sign, which says nothing about compatibility, or empty
 */
public record ServiceVersion(
    String name, long major, long minor, long patch, String preRelease, String build)
    implements Comparable<ServiceVersion> {
  /** What the text begins with. */
  public static final String PREFIX = "rs.jetstream.proto";

  /** Longer texts are refused before they are looked at. */
  private static final int MAX_LENGTH = 1024;

  private static final String NUMBER = "(0|[1-9][0-9]{0,18})";
  private static final String PRE = "(?:0|[1-9][0-9]*+|[0-9]*+[a-zA-Z-][0-9a-zA-Z-]*+)";
  private static final String WORD = "[0-9a-zA-Z-]++";
  private static final Pattern SEMANTIC =
      Pattern.compile(
          (NUMBER + "\\." + NUMBER + "\\." + NUMBER)
              + ("(?:-(" + PRE + "(?:\\." + PRE + ")*+))?")
              + ("(?:\\+(" + WORD + "(?:\\." + WORD + ")*+))?"));

  private static final Comparator<ServiceVersion> ORDER =
      Comparator.comparing(ServiceVersion::name, Utf8::compare)
          .thenComparingLong(ServiceVersion::major)
          .thenComparingLong(ServiceVersion::minor)
          .thenComparingLong(ServiceVersion::patch)
          .thenComparing(ServiceVersion::preRelease, ServiceVersion::comparePreReleases)
          .thenComparing(ServiceVersion::build, ServiceVersion::compareBuilds);

  /**
   * Reads a version text.
   *
   * <p>As in Rust, the first of the three parts has only to begin with {@link #PREFIX}.
   *
   * @throws WireFormatException of kind BAD_VERSION
   */
  // r[impl jetstream.rpc.version.text]
  public static ServiceVersion parse(String text) throws WireFormatException {
    String[] parts = text.length() > MAX_LENGTH ? new String[0] : text.split("/", -1);
    if (parts.length != 3 || !parts[0].startsWith(PREFIX)) {
      throw bad("a version is " + PREFIX + "/<name>/<semantic version>");
    }
    Matcher matcher = SEMANTIC.matcher(parts[2]);
    if (!matcher.matches()) {
      throw bad("the third part of a version is <major>.<minor>.<patch>");
    }
    try {
      return new ServiceVersion(
          parts[1],
          Long.parseLong(matcher.group(1)),
          Long.parseLong(matcher.group(2)),
          Long.parseLong(matcher.group(3)),
          orEmpty(matcher.group(4)),
          orEmpty(matcher.group(5)));
    } catch (NumberFormatException e) {
      throw bad("a number of a version is over 2^63");
    }
  }

  /**
   * As {@link #parse}, for a text of the program's own.
   *
   * @throws IllegalArgumentException when it is no version
   */
  public static ServiceVersion of(String text) {
    try {
      return parse(text);
    } catch (WireFormatException e) {
      throw new IllegalArgumentException(text + " is no version", e);
    }
  }

  /**
   * Whether a client with {@code client} is served by a server with this version: the same name,
   * the same major, and this minor and patch no older.
   */
  public boolean serves(ServiceVersion client) {
    return name.equals(client.name)
        && major == client.major
        && (minor > client.minor || (minor == client.minor && patch >= client.patch));
  }

  /** The text in its canonical spelling, which {@link #parse} reads. */
  public String text() {
    return PREFIX
        + ("/" + name + "/" + major + "." + minor + "." + patch)
        + (preRelease.isEmpty() ? "" : "-" + preRelease)
        + (build.isEmpty() ? "" : "+" + build);
  }

  /** As {@link #text()}. */
  @Override
  public String toString() {
    return text();
  }

  @Override
  public int compareTo(ServiceVersion other) {
    return ORDER.compare(this, other);
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static int comparePreReleases(String a, String b) {
    if (a.isEmpty() || b.isEmpty()) {
      return Boolean.compare(a.isEmpty(), b.isEmpty()); // a release comes after its pre-releases
    }
    return compareWords(a, b, false);
  }

  private static int compareBuilds(String a, String b) {
    if (a.isEmpty() || b.isEmpty()) {
      return Boolean.compare(b.isEmpty(), a.isEmpty());
    }
    return compareWords(a, b, true);
  }

  private static int compareWords(String a, String b, boolean zerosCount) {
    String[] left = a.split("\\.", -1);
    String[] right = b.split("\\.", -1);
    for (int i = 0; i < Math.min(left.length, right.length); i++) {
      int order = compareWord(left[i], right[i], zerosCount);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(left.length, right.length);
  }

  /** Numbers come before words, and are compared as numbers. */
  private static int compareWord(String a, String b, boolean zerosCount) {
    boolean numberA = isNumber(a);
    boolean numberB = isNumber(b);
    if (!numberA || !numberB) {
      return numberA == numberB ? a.compareTo(b) : numberA ? -1 : 1;
    }
    int order = new BigInteger(a).compareTo(new BigInteger(b));
    return order == 0 && zerosCount ? Integer.compare(a.length(), b.length()) : order;
  }

  private static boolean isNumber(String word) {
    return word.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static WireFormatException bad(String reason) {
    return new WireFormatException(Kind.BAD_VERSION, 0, reason);
  }
}
