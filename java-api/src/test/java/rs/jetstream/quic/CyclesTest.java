package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Opening and closing everything again and again leaves nothing. */
@Timeout(120)
@ExtendWith(LeakExtension.class)
final class CyclesTest {
  private static final int CYCLES = 200;

  /** Of allocators, tables that grew, and logs: a leaked endpoint alone has 8 MiB of ring. */
  private static final long NOISE = 1 << 20;

  /** Pollers of the JVM: one socket per cycle would be {@link #CYCLES}. */
  private static final long NOISY_FILES = 8;

  @Test
  void cyclesOnOnePortLeaveNothing() throws Exception {
    QuicSettings settings =
        QuicSettings.builder().drainTimeout(Duration.ofMillis(100)).receiveRing(1 << 20).build();
    int port = 0;
    for (int i = 0; i < 20; i++) {
      port = cycle(settings, port);
    }
    awaitNothing();
    long bytes = JetStreamLibrary.counters().allocatedBytes();
    long files = files();
    for (int i = 0; i < CYCLES; i++) {
      port = cycle(settings, port);
    }
    awaitNothing();
    assertThat(JetStreamLibrary.counters().allocatedBytes()).isLessThan(bytes + NOISE);
    if (files >= 0) {
      long until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (files() > files + NOISY_FILES && System.nanoTime() - until < 0) {
        Thread.onSpinWait();
      }
      assertThat(files()).isLessThanOrEqualTo(files + NOISY_FILES);
    }
  }

  /** One call over a new connection of new endpoints; the port is used again. */
  private static int cycle(QuicSettings settings, int port) throws IOException {
    try (QuicServer server = Loopback.server(builder -> builder.settings(settings).port(port));
        QuicClient client =
            Loopback.client(builder ->
                builder
                    .settings(settings)
                    .localAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))) {
      QuicConnection near = Loopback.connect(client, server);
      QuicConnection far = server.accept(Loopback.SOON);
      try (BidirectionalStream call = near.openBidirectional()) {
        call.sendAndFinish(new byte[32]);
        try (BidirectionalStream answer = far.acceptBidirectional(Loopback.SOON)) {
          answer.sendAndFinish(answer.receiveAll(32));
        }
        assertThat(call.receiveAll(32)).hasSize(32);
      }
      return server.localAddress().getPort();
    }
  }

  private static void awaitNothing() {
    long until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (LeakExtension.alive(JetStreamLibrary.counters()) != 0 && System.nanoTime() - until < 0) {
      Thread.onSpinWait();
    }
    assertThat(LeakExtension.alive(JetStreamLibrary.counters())).isZero();
  }

  /** Open files and sockets of this process; -1 where the system does not tell. */
  private static long files() throws IOException {
    Path all = Path.of("/proc/self/fd");
    if (!Files.isDirectory(all)) {
      return -1;
    }
    try (Stream<Path> list = Files.list(all)) {
      return list.filter(CyclesTest::isSocketOrPoll).count();
    }
  }

  /** The JVM opens jars and class files whenever it likes. */
  private static boolean isSocketOrPoll(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("socket:") || target.startsWith("anon_inode:");
    } catch (IOException e) {
      return false; // the directory's own
    }
  }
}
