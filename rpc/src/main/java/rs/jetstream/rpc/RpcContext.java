package rs.jetstream.rpc;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.Experimental;
import rs.jetstream.quic.PeerIdentity;
import rs.jetstream.quic.QuicConnection;

/**
 * What a handler can know of a call beside its arguments.
 *
 * <p>A parameter of this type gets it, and so does {@link #current()} on the handler's thread. It
 * can be kept after the call. Any thread.
 */
public interface RpcContext {
  /**
   * The call that the calling thread handles.
   *
   * @throws IllegalStateException when it handles none
   */
  static RpcContext current() {
    RpcContext it = ServerCall.CURRENT.get();
    if (it == null) {
      throw new IllegalStateException("this thread handles no call");
    }
    return it;
  }

  /** The service that is called. */
  ServiceDescriptor service();

  /** The method that is called. */
  RpcMethod<?, ?> method();

  /** Who calls, by the certificate that was verified; empty where the client showed none. */
  Optional<PeerIdentity> peer();

  /** The caller's address when the connection was accepted; null in the same process. */
  @Nullable InetSocketAddress peerAddress();

  /** The connection; null in the same process. */
  @Nullable QuicConnection connection();

  /** Services of the caller, which may be called back. */
  @Experimental
  Callbacks callbacks();

  /** How long the server still waits for the answer; zero when it waits no more. */
  Duration remaining();

  /**
   * Whether nobody waits for the answer any more: the deadline has passed, or the lane or its
   * connection has ended. The handler's thread is interrupted when that happens.
   */
  boolean isCancelled();
}
