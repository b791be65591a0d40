package rs.jetstream.interop;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import rs.jetstream.quic.PeerIdentity;
import rs.jetstream.rpc.RpcContext;
import rs.jetstream.rpc.RpcException;
import rs.jetstream.wire.ErrorMessage;

/** The services as jetstream-peer has them. */
public final class PeerHandler implements Peer, Second {
  private final Map<Long, CompletableFuture<Long>> gates = new ConcurrentHashMap<>();

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
  public CompletionStage<Long> hold(long key) {
    return gate(key);
  }

  @Override
  public void release(long key) {
    gate(key).complete(key);
  }

  private CompletableFuture<Long> gate(long key) {
    return gates.computeIfAbsent(key, it -> new CompletableFuture<>());
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
  public Names whoAmI(RpcContext context) {
    PeerIdentity peer = context.peer().orElseThrow();
    return new Names(
        context.peerAddress().getAddress().getHostAddress(),
        peer.fingerprint(),
        peer.commonName(),
        peer.dnsNames(),
        peer.ipAddresses(),
        peer.emails(),
        peer.uris());
  }

  @Override
  public void silence() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String name() {
    return "second";
  }
}
