package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.quic.JetStreamException.Kind;

@Timeout(60)
@ExtendWith(LeakExtension.class)
final class StatelessResetTest {
  /** Two seconds after the server is back: the figure that the product promises. */
  private static final Duration PROMPT = Duration.ofSeconds(2);

  @TempDir Path folder;

  /** A server in a process of its own, which accepts, answers nothing, and can only be killed. */
  static final class ServerProcess {
    public static void main(String[] args) throws Exception {
      Path folder = Path.of(args[0]);
      QuicServer server =
          ChildServer.server(folder)
              .resetKey(ResetKey.ofFile(folder.resolve("reset")))
              .port(Integer.parseInt(args[1]))
              .open();
      System.out.println(server.localAddress().getPort());
      while (true) {
        QuicConnection connection = server.accept();
        BidirectionalStream stream = connection.acceptBidirectional();
        stream.send(new byte[] {1});
      }
    }
  }

  private Process start(int port) throws IOException {
    return new ProcessBuilder(
            ChildServer.command(ServerProcess.class, folder.toString(), Integer.toString(port)))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static int port(Process process) throws IOException {
    BufferedReader out = process.inputReader();
    String line = out.readLine();
    assertThat(line).as("the port that the server process prints").isNotNull();
    return Integer.parseInt(line);
  }

  @Test
  void callsFailSoonAfterAKilledServerIsBack() throws Exception {
    ChildServer.writeServerFiles(folder);
    Process process = start(0);
    // With all defaults: the connection is kept alive while the call waits.
    try (QuicClient client = Loopback.client(builder -> builder)) {
      int port = port(process);
      QuicConnection connection =
          client.connect(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
              "localhost",
              Loopback.SOON);
      BidirectionalStream stream = connection.openBidirectional();
      stream.send(new byte[] {1});
      assertThat(stream.receive(new byte[1])).isEqualTo(1);
      Waiting pending = Waiting.in(true, () -> stream.receive(new byte[1]));
      process.destroyForcibly().waitFor();
      process = start(port);
      assertThat(port(process)).isEqualTo(port);
      long back = System.nanoTime();
      JetStreamException e = pending.failure();
      Duration took = Duration.ofNanos(System.nanoTime() - back);
      assertThat(e.kind()).isEqualTo(Kind.STATELESS_RESET);
      assertThat(e).hasMessageContaining("does not know this connection any more");
      assertThat(took).isLessThan(PROMPT);
      assertThat(connection.closeReason().orElseThrow().kind()).isEqualTo(Kind.STATELESS_RESET);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void keyFileIsMadeOnceForItsOwnerAlone() throws Exception {
    Path file = folder.resolve("reset");
    byte[] first = ResetKey.ofFile(file).bytes();
    assertThat(first).hasSize(32).isEqualTo(Files.readAllBytes(file));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(ResetKey.ofFile(file).bytes()).isEqualTo(first);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
    assertThat(ResetKey.ofFile(file).toString()).doesNotContain(first[0] + "").contains("32 bytes");
  }

  @Test
  void keyFileThatManyMakeAtOnceIsOneAndTheSameForAll() throws Exception {
    int many = 16;
    for (int round = 0; round < 20; round++) {
      Path file = folder.resolve("reset" + round);
      CyclicBarrier together = new CyclicBarrier(many);
      Callable<byte[]> make =
          () -> {
            together.await();
            return ResetKey.ofFile(file).bytes();
          };
      try (ExecutorService threads = Executors.newFixedThreadPool(many)) {
        byte[] first = null;
        for (Future<byte[]> made : threads.invokeAll(Collections.nCopies(many, make))) {
          first = first == null ? made.get() : first;
          assertThat(made.get()).isEqualTo(first);
        }
      }
    }
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(20);
    }
  }

  @Test
  void badKeyFilesAreRefused() throws Exception {
    Path open = folder.resolve("open");
    Files.write(open, new byte[32]);
    var _ = Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> ResetKey.ofFile(open))
        .isInstanceOfSatisfying(
            ConfigurationException.class,
            e -> assertThat(e.kind()).isEqualTo(Kind.KEY_FILE_PERMISSIONS));
    for (int size : new int[] {0, 31, 1025}) {
      ChildServer.write(folder.resolve("size" + size), new byte[size]);
      assertThatThrownBy(() -> ResetKey.ofFile(folder.resolve("size" + size)))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining(size + " bytes");
      assertThatThrownBy(() -> ResetKey.of(new byte[size]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(size + " bytes");
    }
    assertThatThrownBy(() -> ResetKey.ofFile(folder.resolve("none/there")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("no such folder");
    for (int id : List.of(-1, 65_536)) {
      assertThatThrownBy(() -> QuicServer.builder().serverId(id))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
