package imported;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.rpc.CallOptions;
import rs.jetstream.rpc.JetStreamClient;
import rs.jetstream.rpc.RpcException;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/** Calls every method of the services, by the interfaces that were imported. */
public final class Calls {
  private Calls() {}

  /**
   * Makes all calls.
   *
   * @param client of a server that has the services
   * @param values encodings of {@code Everything}, to be given back
   */
  public static void make(JetStreamClient client, List<byte[]> values) throws Exception {
    Peer peer = client.service(Peer.class);
    peer.nothing();
    assertThat(peer.add(40, 2)).isEqualTo(42);
    assertThat(peer.text("grüße")).isEqualTo("grüße");
    ByteBuffer data = ByteBuffer.wrap(new byte[] {1, 2, 3});
    assertThat(peer.blob(data)).isEqualTo(data);
    for (byte[] value : values) {
      Everything back = peer.everything(EverythingCodec.INSTANCE.read(WireReader.of(value)));
      WireWriter out = WireWriter.growing(1 << 20);
      EverythingCodec.INSTANCE.write(out, back);
      assertThat(out.toByteArray()).isEqualTo(value);
    }
    holds(client);
    fails(peer);
    Names names = peer.whoAmI(null);
    assertThat(names.commonName()).contains("named client");
    assertThat(names.dnsNames()).containsExactly("client.example");
    silence(client);
    assertThat(client.service(Second.class).name()).isEqualTo("second");
  }

  private static void holds(JetStreamClient client) throws Exception {
    PeerAsyncClient peer = new PeerAsyncClient(client.caller(PeerService.DESCRIPTOR));
    CompletableFuture<Long> held = peer.hold(7);
    peer.release(7).get(20, TimeUnit.SECONDS);
    assertThat(held.get(20, TimeUnit.SECONDS)).isEqualTo(7);
  }

  private static void fails(Peer peer) {
    Failure failure =
        new Failure(
            "refused: ü", Optional.of("peer::E1"), Optional.of("ask again"), Optional.empty());
    RpcException failed = catchThrowableOfType(RpcException.class, () -> peer.fail(failure));
    assertThat(failed.kind()).isEqualTo(Kind.REMOTE_ERROR);
    assertThat(failed).hasMessageContaining("refused: ü");
    assertThat(failed.errorCode()).contains("peer::E1");
    assertThat(failed.help()).contains("ask again");
    assertThat(failed.url()).isEmpty();
  }

  private static void silence(JetStreamClient client) throws Exception {
    CallOptions impatient = CallOptions.defaults().withTimeout(Duration.ofMillis(200));
    Peer peer = client.service(Peer.class, impatient);
    RpcException failed = catchThrowableOfType(RpcException.class, peer::silence);
    assertThat(failed.kind()).isEqualTo(Kind.DEADLINE);
  }
}
