package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.quic.JetStreamLibrary;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.rpc.Interop.Two;
import rs.jetstream.wire.Unit;

/** Connections that are made late, end, and are made again. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class ReconnectTest {
  @Test
  void openingConnectsToNobody() throws Exception {
    try (ScriptedServer server = Ends.scripted((lane, connection) -> {});
        JetStreamClient client = Ends.clientOf(server).open()) {
      assertThat(client.caller(Interop.SERVICE)).isNotNull();
      assertThat(server.connections).hasValue(0);
    }
  }

  @Test
  void aRestartedServerIsFoundAgain() throws Exception {
    Interop.Handlers handlers = new Interop.Handlers();
    JetStreamServer first =
        JetStreamServer.builder().quic(Ends.quicServer()).service(handlers.dispatcher()).open();
    InetSocketAddress address = first.localAddress();
    try (JetStreamClient client =
        JetStreamClient.builder()
            .quic(Ends.quicClient())
            .address("127.0.0.1", address.getPort())
            .openTimeout(Duration.ofMillis(300))
            .open()) {
      Caller caller = client.caller(Interop.SERVICE);
      assertThat(caller.call(Interop.ECHO, "one")).isEqualTo("one");
      first.close();
      Throwable failed = catchThrowable(() -> caller.call(Interop.ECHO, "two"));
      assertThat(failed).isInstanceOf(RpcException.class);
      try (JetStreamServer second =
          JetStreamServer.builder()
              .quic(
                  QuicServer.builder()
                      .identity(TestPki.SERVER.identity())
                      .trust(TestPki.CA.trust())
                      .address(address))
              .service(handlers.dispatcher())
              .open()) {
        assertThat(second.localAddress()).isEqualTo(address);
        assertThat(caller.call(Interop.ECHO, "three")).isEqualTo("three");
      }
    }
  }

  @Test
  void theNextAddressIsTriedWhenOneIsSilent() throws Exception {
    try (Ends ends = new Ends();
        DatagramSocket silent =
            new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        JetStreamClient client =
            JetStreamClient.builder()
                .quic(Ends.quicClient())
                .address("127.0.0.1", silent.getLocalPort())
                .address("127.0.0.1", ends.server.localAddress().getPort())
                .openTimeout(Duration.ofMillis(300))
                .open()) {
      assertThat(client.caller(Interop.SERVICE).call(Interop.ECHO, "here")).isEqualTo("here");
    }
  }

  @Test
  void anIdempotentCallIsMadeAgainWhenItsConnectionEndsAndAnotherIsNot() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> {
              lane.agree();
              byte[] request = lane.next();
              if (requests.incrementAndGet() % 2 == 1) {
                connection.close(1);
              } else {
                lane.send(RawLane.response(Interop.AGAIN, RawLane.tag(request), Unit.INSTANCE));
              }
            });
        JetStreamClient client = Ends.clientOf(server).open()) {
      Caller caller = client.caller(Interop.SERVICE);
      assertThat(caller.call(Interop.AGAIN, Unit.INSTANCE)).isEqualTo(Unit.INSTANCE);
      assertThat(requests).hasValue(2);
      assertThat(server.connections).hasValue(2);
    }
    requests.set(0);
    try (ScriptedServer server =
            Ends.scripted((lane, connection) -> {
              lane.agree();
              lane.next();
              requests.incrementAndGet();
              connection.close(1);
            });
        JetStreamClient client = Ends.clientOf(server).open()) {
      Caller caller = client.caller(Interop.SERVICE);
      Throwable failed = catchThrowable(() -> caller.call(Interop.ADD, new Two<>(1L, 1L)));
      assertThat(((RpcException) failed).kind()).isEqualTo(Kind.APPLICATION_CLOSE);
      assertThat(requests).hasValue(1);
      failed = catchThrowable(() -> caller.call(Interop.AGAIN, Unit.INSTANCE));
      assertThat(((RpcException) failed).kind()).isEqualTo(Kind.APPLICATION_CLOSE);
      assertThat(requests).hasValue(4); // three attempts
    }
  }

  @Test
  void callsOfManyThreadsShareOneConnectionAndOneLane() throws Exception {
    AtomicInteger wrong = new AtomicInteger();
    try (Ends ends = new Ends()) {
      Thread[] threads = new Thread[50];
      for (int i = 0; i < threads.length; i++) {
        String text = "caller " + i;
        threads[i] =
            Thread.startVirtualThread(() -> {
              try {
                if (!ends.caller.call(Interop.ECHO, text).equals(text)) {
                  wrong.incrementAndGet();
                }
              } catch (IOException e) {
                wrong.incrementAndGet();
              }
            });
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(wrong).hasValue(0);
      assertThat(JetStreamLibrary.counters().connections()).isEqualTo(2);
      assertThat(JetStreamLibrary.counters().streams()).isEqualTo(2);
    }
  }

  @Test
  void severalConnectionsAndLanesAreUsed() throws Exception {
    try (Ends ends = new Ends(it -> it, it -> it.connections(2).lanesPerService(4))) {
      for (int i = 0; i < 20; i++) {
        assertThat(ends.caller.call(Interop.ECHO, "again")).isEqualTo("again");
      }
      assertThat(JetStreamLibrary.counters().connections()).isEqualTo(4);
      assertThat(JetStreamLibrary.counters().streams()).isEqualTo(8);
    }
  }
}
