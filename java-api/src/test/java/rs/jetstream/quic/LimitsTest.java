package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import rs.jetstream.quic.JetStreamException.Kind;

/**
 * Limits of connections at N-1, N and N+1. Those of admission are in {@link AdmissionTest}, and
 * what is counted where it is held in the native tests.
 */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class LimitsTest {
  private static final int N = 5000;

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31);
    }
    return bytes;
  }

  private static long received(Loopback loopback) throws IOException {
    return loopback.serverConnection.statistics().streamBytesReceived();
  }

  /** Returns when the server has {@code bytes} of streams, and shows that no more come. */
  private static void holds(Loopback loopback, long bytes) throws Exception {
    long until = System.nanoTime() + Loopback.SOON.toNanos();
    while (received(loopback) < bytes && System.nanoTime() - until < 0) {
      Thread.onSpinWait();
    }
    for (int roundTrip = 0; roundTrip < 3; roundTrip++) {
      assertThat(loopback.clientConnection.ping(Loopback.SOON)).isPositive();
    }
    assertThat(received(loopback)).isEqualTo(bytes);
  }

  // r[verify security.1.19]
  @ParameterizedTest
  @ValueSource(ints = {N - 1, N, N + 1})
  void streamHoldsItsWindowAndNoByteMore(int size) throws Exception {
    QuicSettings windows = QuicSettings.builder().streamWindow(N).connectionWindow(10 * N).build();
    try (Loopback loopback = new Loopback(windows, QuicSettings.defaults());
        SendStream ours = loopback.clientConnection.openUnidirectional()) {
      ours.sendAndFinish(bytes(size));
      try (ReceiveStream theirs = loopback.serverConnection.acceptUnidirectional(Loopback.SOON)) {
        holds(loopback, Math.min(size, N));
        assertThat(theirs.receiveAll(size)).isEqualTo(bytes(size));
      }
    }
  }

  // r[verify security.1.19]
  @ParameterizedTest
  @ValueSource(ints = {N - 1, N, N + 1})
  void connectionHoldsItsWindowAndNoByteMore(int size) throws Exception {
    QuicSettings windows = QuicSettings.builder().streamWindow(2 * N).connectionWindow(N).build();
    try (Loopback loopback = new Loopback(windows, QuicSettings.defaults());
        SendStream first = loopback.clientConnection.openUnidirectional();
        SendStream second = loopback.clientConnection.openUnidirectional()) {
      first.sendAndFinish(bytes(N / 2));
      second.sendAndFinish(bytes(size - N / 2));
      try (ReceiveStream one = loopback.serverConnection.acceptUnidirectional(Loopback.SOON);
          ReceiveStream two = loopback.serverConnection.acceptUnidirectional(Loopback.SOON)) {
        holds(loopback, Math.min(size, N));
        int sum = one.receiveAll(size).length + two.receiveAll(size).length;
        assertThat(sum).isEqualTo(size);
      }
    }
  }

  /** Both kinds of streams, and whose limit it is. */
  enum Streams {
    BIDIRECTIONAL_OF_THE_PEER,
    UNIDIRECTIONAL_OF_THE_PEER,
    BIDIRECTIONAL_OF_ONES_OWN,
    UNIDIRECTIONAL_OF_ONES_OWN;

    private boolean isBidirectional() {
      return this == BIDIRECTIONAL_OF_THE_PEER || this == BIDIRECTIONAL_OF_ONES_OWN;
    }

    private Loopback loopback(long limit) throws IOException {
      QuicSettings.Builder server = QuicSettings.builder();
      QuicSettings.Builder client = QuicSettings.builder();
      switch (this) {
        case BIDIRECTIONAL_OF_THE_PEER -> server.maxRemoteBidirectionalStreams(limit);
        case UNIDIRECTIONAL_OF_THE_PEER -> server.maxRemoteUnidirectionalStreams(limit);
        case BIDIRECTIONAL_OF_ONES_OWN -> client.maxLocalBidirectionalStreams(limit);
        case UNIDIRECTIONAL_OF_ONES_OWN -> client.maxLocalUnidirectionalStreams(limit);
      }
      return new Loopback(server.build(), client.build());
    }

    private SendStream open(QuicConnection connection, Duration timeout) throws IOException {
      return isBidirectional()
          ? connection.openBidirectional(timeout)
          : connection.openUnidirectional(timeout);
    }

    private ReceiveStream accept(QuicConnection connection) throws IOException {
      return isBidirectional()
          ? connection.acceptBidirectional(Loopback.SOON)
          : connection.acceptUnidirectional(Loopback.SOON);
    }
  }

  // r[verify security.1.19]
  @ParameterizedTest
  @EnumSource
  void openingWaitsAtTheLimitUntilAStreamHasEnded(Streams streams) throws Exception {
    int limit = 3;
    try (Loopback loopback = streams.loopback(limit)) {
      List<SendStream> open = new ArrayList<>();
      for (int i = 0; i < limit; i++) {
        open.add(streams.open(loopback.clientConnection, Loopback.SOON));
      }
      Waiting oneMore =
          Waiting.in(true, () -> streams.open(loopback.clientConnection, Loopback.SOON));
      open.getFirst().sendAndFinish(new byte[1]);
      try (ReceiveStream theirs = streams.accept(loopback.serverConnection)) {
        assertThat(theirs.receiveAll(1)).hasSize(1);
      }
      open.getFirst().close();
      assertThat(((SendStream) oneMore.value()).isClosed()).isFalse();
    }
  }

  // r[verify security.1.25]
  @ParameterizedTest
  @EnumSource
  void zeroStreamsAreNone(Streams streams) throws Exception {
    try (Loopback loopback = streams.loopback(0)) {
      Waiting first = Waiting.in(true, () -> streams.open(loopback.clientConnection, null));
      loopback.serverConnection.close(9);
      assertThat(first.failure().code()).isEqualTo(9);
    }
  }

  /** A lease counts for the blocks that it pins, of 4,096 bytes at least. */
  @ParameterizedTest
  @ValueSource(longs = {1, 8191, 8192, 8193})
  void leasesAreGivenWhileThereIsRoomForAByte(long limit) throws Exception {
    QuicSettings settings = QuicSettings.builder().maxLeased(limit).build();
    try (Loopback loopback = new Loopback(QuicSettings.defaults(), settings)) {
      List<Lease> leases = new ArrayList<>();
      while (leases.size() * 4096L < limit) {
        leases.add(lend(loopback));
      }
      StreamException e = catchThrowableOfType(StreamException.class, () -> lend(loopback));
      assertThat(e.kind()).isEqualTo(Kind.LIMIT);
      assertThat(e).hasMessageContaining("the limit is " + limit);
      leases.removeLast().close();
      leases.add(lend(loopback));
      leases.forEach(Lease::close);
    }
  }

  private static Lease lend(Loopback loopback) throws IOException {
    try (SendStream theirs = loopback.serverConnection.openUnidirectional()) {
      theirs.sendAndFinish(new byte[1]);
      try (ReceiveStream ours = loopback.clientConnection.acceptUnidirectional(Loopback.SOON)) {
        return ours.lend();
      }
    }
  }

  /** Headers of IP and UDP are part of an MTU: 28 bytes with IPv4, 48 with IPv6. */
  @ParameterizedTest
  @ValueSource(ints = {1228, 1400, 1500})
  void packetsGrowToTheLargestMtuAndNoFurther(int mtu) throws Exception {
    QuicSettings settings = QuicSettings.builder().maxMtu(mtu).build();
    try (Loopback loopback = new Loopback(settings, settings)) {
      int payload = 0;
      long until = System.nanoTime() + Loopback.SOON.toNanos();
      while (payload < mtu - 48 && System.nanoTime() - until < 0) {
        assertThat(loopback.clientConnection.ping(Loopback.SOON)).isPositive();
        payload = loopback.clientConnection.statistics().mtu();
      }
      assertThat(payload).isBetween(mtu - 48, mtu - 28);
    }
  }

  // r[verify security.1.18]
  @Test
  void silentConnectionEndsAtItsIdleTimeoutAndNotBefore() throws Exception {
    QuicSettings idle = QuicSettings.builder().idleTimeout(Duration.ofMillis(300)).build();
    try (QuicServer server = Loopback.server(builder -> builder);
        QuicClient client = Loopback.client(builder -> builder.settings(idle))) {
      long start = System.nanoTime();
      QuicConnection connection = Loopback.connect(client, server);
      assertThat(connection.onClose().get().kind()).isEqualTo(Kind.IDLE_TIMEOUT);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(300), Duration.ofSeconds(10));
    }
  }

  // r[verify security.1.18]
  @Test
  void silentHandshakeEndsAtItsTimeoutAndNotBefore() throws Exception {
    QuicSettings hasty = QuicSettings.builder().handshakeTimeout(Duration.ofMillis(300)).build();
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        QuicClient client = Loopback.client(builder -> builder.settings(hasty))) {
      long start = System.nanoTime();
      ConnectionException e =
          catchThrowableOfType(
              ConnectionException.class, () -> client.connect("localhost", silent.getLocalPort()));
      assertThat(e.kind()).isEqualTo(Kind.HANDSHAKE_TIMEOUT);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(300), Duration.ofSeconds(10));
    }
  }
}
