package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.quic.QuicSettings;
import rs.jetstream.quic.ServerLimits;
import rs.jetstream.rpc.JetStreamClient;
import rs.jetstream.rpc.JetStreamServer;

/** Every limit that a program can set is in the table, with its default and its tests. */
@Timeout(60)
final class LimitsTableTest {
  private static final TestTable TABLE =
      new TestTable(Repository.ofBuild(), "docs/security/limits.md");

  /** Numbers that name something, and limit nothing. */
  private static final Set<String> NO_LIMITS =
      Set.of("abandonedStreamCode", "port", "serverId", "inheritedSocket");

  private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| ([^|]+?) \\|.*");
  private static final Pattern VALUE = Pattern.compile("([\\d,]+)(?: (\\w+))?");

  private static final Map<String, Object> UNITS =
      Map.of(
          "KiB", 1L << 10,
          "MiB", 1L << 20,
          "GiB", 1L << 30,
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1));

  static Stream<Class<?>> builders() {
    return Stream.of(
        ServerLimits.Builder.class,
        QuicSettings.Builder.class,
        QuicServer.Builder.class,
        QuicClient.Builder.class,
        JetStreamServer.Builder.class,
        JetStreamClient.Builder.class);
  }

  private static List<String> limits(String section) {
    return TABLE.rows("`" + section + "`").stream().map(row -> matched(row).group(1)).toList();
  }

  private static Matcher matched(String row) {
    Matcher matcher = ROW.matcher(row);
    assertThat(matcher.matches()).as(row).isTrue();
    return matcher;
  }

  // r[verify security.1.25]
  @ParameterizedTest
  @MethodSource("builders")
  void eachNumberAndTimeThatCanBeSetIsInTheTable(Class<?> builder) {
    String owner = builder.getEnclosingClass().getSimpleName();
    boolean isOfValues = owner.equals("ServerLimits") || owner.equals("QuicSettings");
    List<String> set =
        Arrays.stream(builder.getMethods())
            .filter(it -> it.getReturnType() == builder && it.getParameterCount() == 1)
            .filter(it -> isNumberOrTime(it.getParameterTypes()[0]))
            .map(Method::getName)
            .filter(it -> !NO_LIMITS.contains(it))
            .toList();
    assertThat(limits(isOfValues ? owner : owner + ".Builder"))
        .containsExactlyInAnyOrderElementsOf(set);
  }

  private static boolean isNumberOrTime(Class<?> type) {
    return type == int.class || type == long.class || type == Duration.class;
  }

  // r[verify security.1.25]
  @Test
  void defaultsAreThoseOfTheCode() throws Exception {
    for (Object defaults : List.of(ServerLimits.defaults(), QuicSettings.defaults())) {
      for (String row : TABLE.rows("`" + defaults.getClass().getSimpleName() + "`")) {
        Matcher matched = matched(row);
        Object value = defaults.getClass().getMethod(matched.group(1)).invoke(defaults);
        assertThat(value(matched.group(2)))
            .as(row)
            .isEqualTo(value instanceof Number it ? it.longValue() : value);
      }
    }
  }

  private static Object value(String text) {
    Matcher matcher = VALUE.matcher(text);
    assertThat(matcher.matches()).as(text).isTrue();
    long number = Long.parseLong(matcher.group(1).replace(",", ""));
    if (matcher.group(2) == null) {
      return number;
    }
    return switch (UNITS.get(matcher.group(2))) {
      case Duration unit -> unit.multipliedBy(number);
      case Long unit -> unit * number;
      default -> throw new AssertionError(text);
    };
  }

  @Test
  void eachLimitIsShownByTestsThatAreThere() {
    assertThat(TABLE.rows()).hasSizeGreaterThanOrEqualTo(54);
    TABLE.assertEachRowIsShownByTests();
  }
}
