package imported;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import rs.jetstream.quic.PeerIdentity;
import rs.jetstream.rpc.RpcContext;
import rs.jetstream.rpc.RpcException;
import rs.jetstream.wire.ErrorMessage;

/** The services as the Rust end has them, by the interfaces that were imported. */
public final class Handlers implements Peer, Second {
  private final Map<Long, CountDownLatch> gates = new ConcurrentHashMap<>();

  @Override
  public void nothing() {}

  @Override
  public Everything everything(Everything value) {
    return value;
  }

  @Override
  public long add(long a, long b) {
    return a + b;
  }

  @Override
  public String text(String text) {
    return text;
  }

  @Override
  public ByteBuffer blob(ByteBuffer data) {
    return data;
  }

  @Override
  public long hold(long key) throws RpcException {
    await(gate(key));
    return key;
  }

  @Override
  public void release(long key) {
    gate(key).countDown();
  }

  private CountDownLatch gate(long key) {
    return gates.computeIfAbsent(key, it -> new CountDownLatch(1));
  }

  private static void await(CountDownLatch latch) throws RpcException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new RpcException("interrupted");
    }
  }

  @Override
  public long fail(Failure failure) throws RpcException {
    throw new RpcException(
        new ErrorMessage(
            failure.message(),
            failure.code().orElse(null),
            failure.help().orElse(null),
            failure.url().orElse(null),
            List.of()));
  }

  @Override
  public Names whoAmI(RpcContext ctx) {
    PeerIdentity peer = ctx.peer().orElseThrow();
    return new Names(
        ctx.peerAddress().getAddress().getHostAddress(),
        peer.fingerprint(),
        peer.commonName(),
        peer.dnsNames(),
        peer.ipAddresses(),
        peer.emails(),
        peer.uris());
  }

  @Override
  public void silence() throws RpcException {
    await(new CountDownLatch(1));
  }

  @Override
  public String name() {
    return "second";
  }
}
