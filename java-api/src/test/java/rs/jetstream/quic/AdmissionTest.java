package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import rs.jetstream.quic.EndpointStatistics.Refused;
import rs.jetstream.quic.JetStreamException.Kind;

/** Whom a server lets in; the same at the edges, with tokens and over time is tested natively. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class AdmissionTest {
  private static Arguments limit(
      String name,
      int lets,
      UnaryOperator<ServerLimits.Builder> set,
      ToLongFunction<Refused> counted) {
    return Arguments.of(name, lets, set, counted);
  }

  static Stream<Arguments> limits() {
    return Stream.of(
        limit("maxConnections", 2, b -> b.maxConnections(2), Refused::connections),
        limit("maxConnections", 0, b -> b.maxConnections(0), Refused::connections),
        limit(
            "maxConnectionsPerSource",
            2,
            b -> b.maxConnectionsPerSource(2),
            Refused::connectionsPerSource),
        limit("maxHandshakes", 0, b -> b.maxHandshakes(0), Refused::handshakes),
        limit("maxUnaccepted", 2, b -> b.maxUnaccepted(2), Refused::unaccepted),
        limit("connectionsPerSecond", 0, b -> b.connectionsPerSecond(0), Refused::rate),
        limit(
            "connectionsPerSecondPerSource",
            0,
            b -> b.connectionsPerSecondPerSource(0),
            Refused::ratePerSource),
        limit("maxNativeBytes", 0, b -> b.maxNativeBytes(0), Refused::nativeBytes));
  }

  // r[verify security.1.19]
  // r[verify security.1.25]
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("limits")
  void limitLetsInWhatItSaysAndCountsWhatItRefuses(
      String name,
      int lets,
      UnaryOperator<ServerLimits.Builder> set,
      ToLongFunction<Refused> counted)
      throws Exception {
    ServerLimits limits = set.apply(ServerLimits.builder()).build();
    try (QuicServer server = Loopback.server(builder -> builder.limits(limits));
        QuicClient client = Loopback.client(builder -> builder)) {
      List<QuicConnection> kept = new ArrayList<>();
      for (int i = 0; i < lets; i++) {
        kept.add(Loopback.connect(client, server));
      }
      assertThat(server.statistics().refused().total()).isZero();
      ConnectionException e =
          catchThrowableOfType(ConnectionException.class, () -> Loopback.connect(client, server));
      assertThat(e.kind()).isEqualTo(Kind.TRANSPORT_ERROR);
      // CONNECTION_REFUSED (RFC 9000 section 20.1).
      assertThat(e.code()).isEqualTo(2);
      assertThat(e).hasMessageContaining("refused by the peer");
      Refused refused = server.statistics().refused();
      assertThat(counted.applyAsLong(refused)).as(name).isPositive();
      assertThat(refused.total()).isEqualTo(counted.applyAsLong(refused));
      assertThat(server.statistics().established()).isEqualTo(lets);
      kept.forEach(QuicConnection::close);
    }
  }

  static Stream<Arguments> outOfRange() {
    long tooMany = (1L << 32) + 1;
    return Stream.of(
        bad("maxConnections", b -> b.maxConnections(tooMany)),
        bad("maxConnections", b -> b.maxConnections(-1)),
        bad("maxConnectionsPerSource", b -> b.maxConnectionsPerSource(tooMany)),
        bad("maxHandshakes", b -> b.maxHandshakes(-1)),
        bad("retryAbove", b -> b.retryAbove(tooMany)),
        bad("maxUnaccepted", b -> b.maxUnaccepted(Long.MIN_VALUE)),
        bad("connectionRate", b -> b.connectionsPerSecond(1_000_000_001)),
        bad("connectionRatePerSource", b -> b.connectionsPerSecondPerSource(-1)),
        bad("maxNativeBytes", b -> b.maxNativeBytes(-1)));
  }

  private static Arguments bad(String name, UnaryOperator<ServerLimits.Builder> spoil) {
    return Arguments.of(name, spoil);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("outOfRange")
  void limitOutOfRangeIsNamedBeforeAnythingIsBound(
      String name, UnaryOperator<ServerLimits.Builder> spoil) {
    ServerLimits limits = spoil.apply(ServerLimits.builder()).build();
    Throwable e = catchThrowable(() -> Loopback.server(b -> b.limits(limits)).close());
    assertThat(e).isInstanceOf(IllegalArgumentException.class);
    assertThat(e.getMessage().toLowerCase(Locale.ROOT).replace("_", ""))
        .contains(name.toLowerCase(Locale.ROOT));
  }

  // r[verify security.1.19]
  @Test
  void retryProvesAnAddressAndIsCounted() throws Exception {
    ServerLimits always = ServerLimits.builder().retryAbove(0).build();
    try (QuicServer server = Loopback.server(builder -> builder.limits(always));
        QuicClient client = Loopback.client(builder -> builder)) {
      Loopback.connect(client, server).close();
      assertThat(server.statistics().retries()).isPositive();
      assertThat(server.statistics().refused().total()).isZero();
    }
  }

  // r[verify security.1.19]
  @Test
  void deniedAddressesAreNotAnswered() throws Exception {
    QuicSettings impatient =
        QuicSettings.builder().handshakeTimeout(java.time.Duration.ofMillis(300)).build();
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder.settings(impatient))) {
      server.deny(List.of(AddressBlock.parse("127.0.0.0/8"), AddressBlock.parse("::1")));
      ConnectionException e =
          catchThrowableOfType(ConnectionException.class, () -> Loopback.connect(client, server));
      assertThat(e.kind()).isEqualTo(Kind.HANDSHAKE_TIMEOUT);
      assertThat(server.statistics().refused().address()).isPositive();
      server.deny(List.of());
      Loopback.connect(client, server).close();
    }
  }

  @Test
  void blocksOfAddressesAreReadAndNothingElseIs() throws Exception {
    assertThat(AddressBlock.parse("192.0.2.0/24").bits()).isEqualTo(24);
    assertThat(AddressBlock.parse("2001:db8::1"))
        .isEqualTo(AddressBlock.of(InetAddress.getByName("2001:db8::1")));
    for (String text :
        List.of("", "localhost", "192.0.2.0/33", "::/129", "1.2.3.4/-1", "1.2.3.4/x", "a.b/8")) {
      assertThatThrownBy(() -> AddressBlock.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void toBuilderKeepsEachLimit() {
    ServerLimits limits =
        ServerLimits.builder()
            .maxConnections(1)
            .maxConnectionsPerSource(2)
            .maxHandshakes(3)
            .retryAbove(4)
            .maxUnaccepted(5)
            .connectionsPerSecond(6)
            .connectionsPerSecondPerSource(7)
            .maxNativeBytes(8)
            .build()
            .toBuilder()
            .build();
    assertThat(
            List.of(
                limits.maxConnections(),
                limits.maxConnectionsPerSource(),
                limits.maxHandshakes(),
                limits.retryAbove(),
                limits.maxUnaccepted(),
                limits.connectionsPerSecond(),
                limits.connectionsPerSecondPerSource(),
                limits.maxNativeBytes()))
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
  }
}
