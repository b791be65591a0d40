package rs.jetstream.quic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A process that keeps a socket, as systemd does, and the servers that it starts one by one. */
@Timeout(180)
@EnabledOnOs(OS.LINUX) // Posix.java
final class SocketActivationTest {
  @TempDir Path folder;

  /** Answers one call with its process id, and ends with the connection. */
  static final class Service {
    public static void main(String[] args) throws Exception {
      Path folder = Path.of(args[0]);
      try (QuicServer server =
              ChildServer.server(folder).inheritedSockets(SystemdSockets.named("quic")).open();
          QuicConnection connection = server.accept(Loopback.SOON);
          BidirectionalStream stream = connection.acceptBidirectional(Loopback.SOON)) {
        byte[] request = stream.receiveAll(100);
        String pid = Long.toString(ProcessHandle.current().pid());
        stream.sendAndFinish((new String(request, UTF_8) + " from " + pid).getBytes(UTF_8));
        var _ = connection.onClose().get(20, SECONDS);
      }
    }
  }

  /** As systemd does it; {@code $$} is the id of the process, which none can know before. */
  private long start(int socket) {
    String script =
        "LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=quic exec \"$@\" </dev/null >\"$0\" 2>&1";
    List<String> command =
        new ArrayList<>(List.of("/bin/sh", "-c", script, folder.resolve("log").toString()));
    command.addAll(ChildServer.command(Service.class, folder.toString()));
    return Posix.spawn(socket, command);
  }

  private void assertThatItEnds(long pid) throws Exception {
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    try {
      var _ = process.onExit().get(60, SECONDS);
    } finally {
      boolean ignored = process.destroyForcibly();
    }
    assertThat(Posix.reap(pid)).as(Files.readString(folder.resolve("log"))).isZero();
  }

  private static void assertThatItAnswers(QuicConnection connection, long pid) throws Exception {
    try (connection;
        BidirectionalStream call = connection.openBidirectional(Loopback.SOON)) {
      call.sendAndFinish("hello".getBytes(UTF_8));
      call.timeout(Loopback.SOON);
      assertThat(call.receiveAll(100)).asString(UTF_8).isEqualTo("hello from " + pid);
    }
  }

  @Test
  void restartedServiceLosesNeitherThePortNorTheConnectionsThatBeginMeanwhile() throws Exception {
    ChildServer.writeServerFiles(folder);
    int socket = Posix.bound("127.0.0.1");
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Posix.port(socket));
    try (QuicClient client = Loopback.client(builder -> builder)) {
      // The first packets wait in the socket until there is a server.
      for (int i = 0; i < 2; i++) {
        CompletableFuture<QuicConnection> connecting =
            client.connectAsync(address, "localhost", Loopback.SOON);
        long pid = start(socket);
        try {
          assertThatItAnswers(connecting.join(), pid);
        } finally {
          assertThatItEnds(pid);
        }
      }
    } finally {
      Posix.close(socket);
    }
  }
}
