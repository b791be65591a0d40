package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import rs.jetstream.ffi.NativeLibrary;
import rs.jetstream.ffi.raw.jetstream_bytes;
import rs.jetstream.ffi.raw.jetstream_endpoint_config;
import rs.jetstream.ffi.raw.jetstream_h;
import rs.jetstream.quic.JetStreamException.Kind;

@Timeout(60)
final class SettingsTest {
  /** Fields of the native struct that are no settings, or set by the endpoints' builders. */
  private static final Set<String> NOT_SETTINGS =
      Set.of(
          "size",
          "flags",
          "wake",
          "token",
          "bind",
          "inherited_socket",
          "alpn",
          "identity_chain_pem",
          "identity_key_pem",
          "trust_pem",
          "security_policy",
          "client_auth",
          "endpoint_index",
          "endpoint_count",
          "server_id",
          "reset_key",
          "identities",
          "identities_len",
          "exporters",
          "exporters_len",
          "identity_ocsp",
          "key_log_path",
          "qlog_directory",
          "limits_of",
          "question_timeout_ms",
          "ticket_keys",
          "ticket_keys_len",
          "max_tickets",
          "reserved");

  static Stream<Arguments> outOfRange() {
    return Stream.of(
        bad("connectionWindow", b -> b.connectionWindow(0)),
        bad("connectionWindow", b -> b.connectionWindow(1L << 32)),
        bad("connectionWindow", b -> b.connectionWindow(-1)),
        bad("streamWindow", b -> b.streamWindow(0)),
        bad("streamWindow", b -> b.streamWindow(1L << 32)),
        bad("streamWindow", b -> b.streamWindow(Long.MIN_VALUE)),
        bad("sendBuffer", b -> b.sendBuffer(0)),
        bad("sendBuffer", b -> b.sendBuffer(-1)),
        bad("maxClaim", b -> b.maxClaim(0)),
        bad("maxClaim", b -> b.maxClaim((1 << 30) + 1)),
        bad("maxClaim", b -> b.maxClaim(-1)),
        bad("maxLeased", b -> b.maxLeased(0)),
        bad("maxLeased", b -> b.maxLeased(-1)),
        bad("maxClaimed", b -> b.maxClaimed(0)),
        bad("maxClaimed", b -> b.maxClaimed(-1)),
        bad("maxRemoteBidirectional", b -> b.maxRemoteBidirectionalStreams((1L << 60) + 1)),
        bad("maxRemoteBidirectional", b -> b.maxRemoteBidirectionalStreams(-1)),
        bad("maxRemoteUnidirectional", b -> b.maxRemoteUnidirectionalStreams((1L << 60) + 1)),
        bad("maxLocalBidirectional", b -> b.maxLocalBidirectionalStreams((1L << 60) + 1)),
        bad("maxLocalUnidirectional", b -> b.maxLocalUnidirectionalStreams(-1)),
        bad("streamRate", b -> b.streamsPerSecond(-1)),
        bad("streamRate", b -> b.streamsPerSecond(1_000_000_001)),
        bad("maxSendBuffered", b -> b.maxSendBuffered(0)),
        bad("maxSendBuffered", b -> b.maxSendBuffered((1L << 40) + 1)),
        bad("maxEndpointSendBuffered", b -> b.maxEndpointSendBuffered(-1)),
        bad("datagramBuffer", b -> b.datagramBuffer(-1)),
        bad("datagramBuffer", b -> b.datagramBuffer((1 << 30) + 1)),
        bad("abandonedStreamCode", b -> b.abandonedStreamCode(1L << 62)),
        bad("abandonedStreamCode", b -> b.abandonedStreamCode(-1)),
        bad("idleTimeout", b -> b.idleTimeout(Duration.ZERO)),
        bad("idleTimeout", b -> b.idleTimeout(Duration.ofNanos(1))),
        bad("idleTimeout", b -> b.idleTimeout(Duration.ofDays(2))),
        bad("handshakeTimeout", b -> b.handshakeTimeout(Duration.ZERO)),
        bad("handshakeTimeout", b -> b.handshakeTimeout(Duration.ofSeconds(Long.MAX_VALUE))),
        bad("maxAckDelay", b -> b.maxAckDelay(Duration.ofMillis(-1))),
        bad("maxAckDelay", b -> b.maxAckDelay(Duration.ZERO)),
        bad("maxAckDelay", b -> b.maxAckDelay(Duration.ofMillis(16_384))),
        bad("keepAlive", b -> b.keepAlivePeriod(Duration.ofMillis(-1))),
        bad("keepAlive", b -> b.keepAlivePeriod(Duration.ZERO)),
        bad("drainTimeout", b -> b.drainTimeout(Duration.ofMillis(-1))),
        bad("drainTimeout", b -> b.drainTimeout(Duration.ofDays(2))),
        bad("socketReceiveBuffer", b -> b.socketReceiveBuffer(-1)),
        bad("socketSendBuffer", b -> b.socketSendBuffer((1 << 30) + 1)),
        bad("receiveRing", b -> b.receiveRing((1 << 17) - 1)),
        bad("receiveRing", b -> b.receiveRing((1 << 30) + 1)),
        bad("initialMtu", b -> b.initialMtu(1227)),
        bad("initialMtu", b -> b.initialMtu(1501)),
        bad("initialMtu", b -> b.initialMtu(65_536 + 1228)),
        bad("maxMtu", b -> b.maxMtu(9001)),
        bad("maxMtu", b -> b.maxMtu(-1)),
        bad("maxChainDepth", b -> b.maxCertificateChain(0)),
        bad("maxChainDepth", b -> b.maxCertificateChain(101)),
        bad("maxChainDepth", b -> b.maxCertificateChain(65_536 + 7)));
  }

  private static Arguments bad(String name, UnaryOperator<QuicSettings.Builder> spoil) {
    return Arguments.of(name, spoil);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("outOfRange")
  void valueOutOfRangeIsNamedBeforeAnythingIsBound(
      String name, UnaryOperator<QuicSettings.Builder> spoil) {
    QuicSettings settings = spoil.apply(QuicSettings.builder()).build();
    long before = JetStreamLibrary.counters().endpoints();
    for (Throwable e :
        new Throwable[] {
          catchThrowable(() -> Loopback.server(builder -> builder.settings(settings)).close()),
          catchThrowable(() -> Loopback.client(builder -> builder.settings(settings)).close())
        }) {
      assertThat(e).isInstanceOf(IllegalArgumentException.class);
      assertThat(e.getMessage().toLowerCase(Locale.ROOT).replace("_", ""))
          .contains(name.toLowerCase(Locale.ROOT));
    }
    assertThat(JetStreamLibrary.counters().endpoints()).isEqualTo(before);
  }

  // r[verify security.1.18]
  // r[verify security.1.25]
  @Test
  void smallestAndLargestValuesOpen() throws Exception {
    QuicSettings small =
        QuicSettings.builder()
            .connectionWindow(1)
            .streamWindow(1)
            .sendBuffer(1)
            .maxClaim(1)
            .maxLeased(1)
            .maxClaimed(1)
            .maxRemoteBidirectionalStreams(0)
            .maxRemoteUnidirectionalStreams(0)
            .maxLocalBidirectionalStreams(0)
            .maxLocalUnidirectionalStreams(0)
            .streamsPerSecond(0)
            .maxSendBuffered(1)
            .maxEndpointSendBuffered(1)
            .idleTimeout(Duration.ofMillis(1))
            .handshakeTimeout(Duration.ofMillis(1))
            .keepAlivePeriod(Duration.ofMillis(1))
            .maxAckDelay(Duration.ofMillis(1))
            .drainTimeout(Duration.ZERO)
            .socketReceiveBuffer(0)
            .socketSendBuffer(0)
            .receiveRing(1 << 17)
            .maxMtu(1228)
            .maxCertificateChain(1)
            .build();
    Loopback.server(builder -> builder.settings(small)).close();
    QuicSettings large =
        QuicSettings.builder()
            .connectionWindow((1L << 32) - 1)
            .streamWindow((1L << 32) - 1)
            .sendBuffer(Integer.MAX_VALUE)
            .maxClaim(1 << 30)
            .maxLeased(1L << 40)
            .maxClaimed(1L << 40)
            .maxRemoteBidirectionalStreams(1L << 60)
            .maxRemoteUnidirectionalStreams(1L << 60)
            .maxLocalBidirectionalStreams(1L << 60)
            .maxLocalUnidirectionalStreams(1L << 60)
            .streamsPerSecond(1_000_000_000)
            .maxSendBuffered(1L << 40)
            .maxEndpointSendBuffered(1L << 50)
            .abandonedStreamCode((1L << 62) - 1)
            .idleTimeout(Duration.ofDays(1))
            .handshakeTimeout(Duration.ofDays(1))
            .keepAlivePeriod(Duration.ofDays(1))
            .maxAckDelay(Duration.ofMillis(16_383))
            .initialMtu(9000)
            .maxMtu(9000)
            .segmentationOffload(false)
            .receiveOffload(false)
            .maxCertificateChain(100)
            .build();
    Loopback.server(builder -> builder.settings(large)).close();
  }

  // r[verify security.1.27]
  @Test
  void profilesOpen() throws Exception {
    for (QuicSettings.Builder profile :
        new QuicSettings.Builder[] {
          QuicSettings.lan(), QuicSettings.wan(), QuicSettings.lowMemory()
        }) {
      QuicSettings settings = profile.build();
      // Above it a reset by a peer on s2n-quic can end the connection.
      assertThat(settings.streamWindow() * 3)
          .isGreaterThanOrEqualTo(4 * settings.connectionWindow());
      try (Loopback loopback = new Loopback(settings, settings)) {
        try (BidirectionalStream stream =
            loopback.clientConnection.openBidirectionalAndFinish(
                MemorySegment.ofArray(new byte[100_000]))) {
          assertThat(stream.isClosed()).isFalse();
          try (BidirectionalStream theirs =
              loopback.serverConnection.acceptBidirectional(Loopback.SOON)) {
            assertThat(theirs.receiveAll(100_000)).hasSize(100_000);
          }
        }
      }
    }
  }

  @Test
  void defaultsAreThoseOfTheLibrary() throws Exception {
    QuicSettings java = QuicSettings.defaults();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment config = nativeDefaults(arena);
      Map<String, Long> library = new TreeMap<>();
      for (MemoryLayout member : jetstream_endpoint_config.layout().memberLayouts()) {
        String name = member.name().orElse("size");
        if (!NOT_SETTINGS.contains(name)) {
          Method getter = jetstream_endpoint_config.class.getMethod(name, MemorySegment.class);
          library.put(name, ((Number) getter.invoke(null, config)).longValue());
        }
      }
      Map<String, Long> expected = new TreeMap<>();
      expected.put("connection_window", java.connectionWindow());
      expected.put("stream_window", java.streamWindow());
      expected.put("send_buffer", (long) java.sendBuffer());
      expected.put("max_claim", (long) java.maxClaim());
      expected.put("max_leased", java.maxLeased());
      expected.put("max_claimed", java.maxClaimed());
      expected.put("max_remote_bidirectional", java.maxRemoteBidirectionalStreams());
      expected.put("max_remote_unidirectional", java.maxRemoteUnidirectionalStreams());
      expected.put("max_local_bidirectional", java.maxLocalBidirectionalStreams());
      expected.put("max_local_unidirectional", java.maxLocalUnidirectionalStreams());
      expected.put("stream_rate", java.streamsPerSecond());
      expected.put("max_send_buffered", java.maxSendBuffered());
      expected.put("max_endpoint_send_buffered", java.maxEndpointSendBuffered());
      ServerLimits limits = ServerLimits.defaults();
      expected.put("max_connections", limits.maxConnections());
      expected.put("max_connections_per_source", limits.maxConnectionsPerSource());
      expected.put("max_handshakes", limits.maxHandshakes());
      expected.put("retry_above", limits.retryAbove());
      expected.put("max_unaccepted", limits.maxUnaccepted());
      expected.put("connection_rate", limits.connectionsPerSecond());
      expected.put("connection_rate_per_source", limits.connectionsPerSecondPerSource());
      expected.put("max_native_bytes", limits.maxNativeBytes());
      expected.put("abandoned_stream_code", java.abandonedStreamCode());
      expected.put("idle_timeout_ms", java.idleTimeout().toMillis());
      expected.put("handshake_timeout_ms", java.handshakeTimeout().toMillis());
      expected.put("keep_alive_ms", java.keepAlivePeriod().toMillis());
      expected.put("max_ack_delay_ms", java.maxAckDelay().toMillis());
      expected.put("socket_receive_buffer", (long) java.socketReceiveBuffer());
      expected.put("socket_send_buffer", (long) java.socketSendBuffer());
      expected.put("receive_ring", (long) java.receiveRing());
      expected.put("initial_mtu", (long) java.initialMtu());
      expected.put("congestion_control", (long) java.congestionControl().code());
      expected.put("datagram_buffer", (long) java.datagramBuffer());
      expected.put("max_mtu", (long) java.maxMtu());
      expected.put("max_chain_depth", (long) java.maxCertificateChain());
      assertThat(expected).containsExactlyEntriesOf(library);
      assertThat(java.segmentationOffload() && java.receiveOffload()).isTrue();
      assertThat(jetstream_endpoint_config.flags(config)).isZero();
      assertThat(jetstream_endpoint_config.client_auth(config))
          .isEqualTo(ClientAuthentication.REQUIRED.code());
      MemorySegment policy = jetstream_endpoint_config.security_policy(config);
      assertThat(jetstream_bytes.len(policy)).isEqualTo(java.securityPolicy().length());
    }
  }

  @Test
  void toBuilderKeepsEachValue() throws Exception {
    QuicSettings.Builder builder = QuicSettings.builder();
    Set<String> changed = new TreeSet<>();
    for (Method setter : QuicSettings.Builder.class.getDeclaredMethods()) {
      if (setter.getParameterCount() == 1 && setter.getReturnType() == QuicSettings.Builder.class) {
        Class<?> type = setter.getParameterTypes()[0];
        Object value =
            type == long.class
                ? 4321L
                : type == int.class
                    ? (Object) 1234
                    : type == boolean.class
                        ? false
                        : type == String.class
                            ? "other"
                            : type == KeepAlive.class
                                ? KeepAlive.ALWAYS
                                : type == CongestionControl.class
                                    ? CongestionControl.BBR
                                    : Duration.ofMillis(77);
        setter.invoke(builder, value);
        changed.add(setter.getName());
      }
    }
    QuicSettings copy = builder.build().toBuilder().build();
    assertThat(changed).hasSize(31);
    for (String name : changed) {
      assertThat(QuicSettings.class.getMethod(name).invoke(copy))
          .as(name)
          .isIn(
              4321L,
              1234,
              false,
              "other",
              Duration.ofMillis(77),
              KeepAlive.ALWAYS,
              CongestionControl.BBR);
    }
  }

  @ParameterizedTest
  @MethodSource("badPolicies")
  void unknownSecurityPolicyIsRefused(String policy) {
    QuicSettings settings = QuicSettings.builder().securityPolicy(policy).build();
    ConfigurationException e =
        catchThrowableOfType(
            ConfigurationException.class,
            () -> Loopback.client(builder -> builder.settings(settings)));
    assertThat(e.kind()).isEqualTo(Kind.BAD_TLS_SETTINGS);
    assertThat(e).hasMessageContaining("security policy '");
  }

  static Stream<String> badPolicies() {
    return Stream.of("no-such", "", "20250721\0", "x".repeat(100_000), "\n");
  }

  @Test
  void protocolNamesHaveTwoTo255BytesAndThereIsOne() {
    for (String[] names :
        new String[][] {
          {},
          {""},
          {"x"},
          {"jetstream", "x"},
          {"x".repeat(256)},
          {"jetstream", "\u00e9".repeat(128)}
        }) {
      assertThat(catchThrowable(() -> Loopback.client(builder -> builder.alpn(names)).close()))
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .containsIgnoringCase("alpn");
    }
  }

  private static MemorySegment nativeDefaults(Arena arena) {
    NativeLibrary.load();
    MemorySegment config = jetstream_endpoint_config.allocate(arena);
    int size = (int) jetstream_endpoint_config.sizeof();
    assertThat(jetstream_h.jetstream_endpoint_config_init(size, config, MemorySegment.NULL))
        .isZero();
    return config;
  }
}
