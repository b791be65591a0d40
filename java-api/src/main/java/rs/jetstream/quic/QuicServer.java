package rs.jetstream.quic;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeEndpoint;
import rs.jetstream.ffi.NativeStatus;
import rs.jetstream.ffi.WakeSlot;
import rs.jetstream.quic.JetStreamException.Kind;

/**
 * Accepts connections on one UDP socket.
 *
 * {@snippet :
 * try (QuicServer server =
 *     QuicServer.builder().identity(identity).trust(clients).port(4433).open()) {
 *   while (true) {
 *     QuicConnection connection = server.accept();
 *     Thread.startVirtualThread(() -> serve(connection));
 *   }
 * }
 * }
 *
 * <h2>Lifecycle</h2>
 *
 * Bound by {@link Builder#open()}, until {@link #close()}, which closes its connections. It has one
 * native thread, one socket, and {@link QuicSettings#receiveRing()} bytes of memory.
 *
 * <h2>Threads</h2>
 *
 * Any thread; several may accept, and are served in order.
 *
 * <h2>Common issues</h2>
 *
 * <ul>
 *   <li>Clients are refused: {@link #takeRefusedHandshake()} says why; they are not told.
 *   <li>Bulk transfers are slow: compare {@link EndpointStatistics#socketReceiveBuffer()} with what
 *       was asked for.
 * </ul>
 */
public final class QuicServer extends QuicEndpoint {
  private QuicServer(Opened opened) {
    super(opened);
  }

  /** A builder: mutual TLS is on until it is told otherwise. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Takes the next connection whose handshake is done, waiting for one.
   *
   * @throws IllegalStateException when the server is closed
   * @throws ConnectionException of kind CLOSED_LOCALLY when it is closed meanwhile
   */
  public QuicConnection accept() throws IOException {
    return accept(null);
  }

  /** As {@link #accept()}, waiting at most {@code timeout}; null is for ever. */
  public QuicConnection accept(@Nullable Duration timeout) throws IOException {
    String doing = "accept a connection";
    requireOpen(doing);
    long deadline = Waiter.deadlineAfter(timeout);
    Turn turn = acceptTurn();
    if (!turn.enter(deadline, doing)) {
      throw late(doing, timeout);
    }
    QuicConnection.Turns turns = new QuicConnection.Turns();
    WakeSlot slot = WakeSlot.take(turns);
    Block block = Block.take();
    boolean made = false;
    try {
      while (true) {
        turn.waiter.arm();
        int status = NativeEndpoint.pollAccept(handle(), slot.token(), block);
        if (status == NativeStatus.OK) {
          made = true;
          return adopt(block.long0(), slot, turns, false);
        }
        if (status != NativeStatus.PENDING) {
          throw failure(doing, status, block);
        }
        if (!await(turn.waiter, deadline, doing)) {
          throw late(doing, timeout);
        }
      }
    } finally {
      if (!made) {
        slot.release();
      }
      block.give();
      turn.leave();
    }
  }

  private static boolean await(Waiter waiter, long deadline, String doing)
      throws InterruptedIOException {
    try {
      return waiter.await(deadline);
    } catch (InterruptedIOException e) {
      throw new InterruptedIOException(doing + " was interrupted");
    }
  }

  private static ConnectionException late(String doing, @Nullable Duration timeout) {
    return new ConnectionException(doing + " failed: not done in " + timeout, Kind.DEADLINE);
  }

  /**
   * Takes the oldest handshake that was refused for its TLS and not taken yet; the last 256 are
   * kept. Does not block.
   */
  public Optional<RefusedHandshake> takeRefusedHandshake() throws IOException {
    String doing = "take a refused handshake";
    requireOpen(doing);
    Block block = Block.take();
    try {
      NativeEndpoint.Refusal[] out = new NativeEndpoint.Refusal[1];
      int status = NativeEndpoint.takeRefusal(handle(), out, block);
      return switch (status) {
        case NativeStatus.OK ->
            Optional.of(new RefusedHandshake(out[0].peer(), Failures.printable(out[0].reason())));
        case NativeStatus.PENDING -> Optional.empty();
        default -> throw failure(doing, status, block);
      };
    } finally {
      block.give();
    }
  }

  @Override
  void onEnd() {}

  /** Settings of a server; not for several threads. */
  public static final class Builder {
    private @Nullable InetSocketAddress address;
    private int port;
    private @Nullable TlsIdentity identity;
    private @Nullable TlsTrust trust;
    private ClientAuthentication clientAuthentication = ClientAuthentication.REQUIRED;
    private List<String> alpn = List.of("jetstream");
    private QuicSettings settings = QuicSettings.defaults();

    private Builder() {}

    /** The address to bind; port 0 lets the system choose. Default: the loopback address. */
    public Builder address(InetSocketAddress address) {
      this.address = Objects.requireNonNull(address, "address");
      return this;
    }

    /** The port to bind on the loopback address; 0, the default, lets the system choose. */
    public Builder port(int port) {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port is " + port + ", must be from 0 to 65535");
      }
      this.port = port;
      return this;
    }

    /** Who the server is. Must be set; not closed by the server. */
    public Builder identity(TlsIdentity identity) {
      this.identity = Objects.requireNonNull(identity, "identity");
      return this;
    }

    /** Whose clients are let in. Must be set unless clients are not asked for a certificate. */
    public Builder trust(TlsTrust trust) {
      this.trust = Objects.requireNonNull(trust, "trust");
      return this;
    }

    /** Whether clients are asked for a certificate. Default: required. */
    public Builder clientAuthentication(ClientAuthentication clientAuthentication) {
      this.clientAuthentication =
          Objects.requireNonNull(clientAuthentication, "clientAuthentication");
      return this;
    }

    /**
     * Application protocols by preference (RFC 7301), each 1 to 255 bytes; a single one has at
     * least 2, because s2n-tls ignores a list that short. Default: {@code jetstream}.
     */
    public Builder alpn(String... protocols) {
      this.alpn = List.of(protocols);
      return this;
    }

    /** Limits, timeouts and transport settings. */
    public Builder settings(QuicSettings settings) {
      this.settings = Objects.requireNonNull(settings, "settings");
      return this;
    }

    /**
     * Binds the server. Everything is checked before anything is bound.
     *
     * @throws ConfigurationException when s2n-tls refuses identity, trust or policy
     * @throws ConnectionException when the address cannot be bound
     * @throws IllegalArgumentException naming the setting that is out of its range
     * @throws IllegalStateException when identity or trust is not set, or the identity is closed
     */
    public QuicServer open() throws IOException {
      TlsIdentity identity = this.identity;
      if (identity == null) {
        throw new IllegalStateException("a server needs an identity: set identity(...)");
      }
      TlsTrust trust = this.trust;
      boolean asks = clientAuthentication != ClientAuthentication.NONE;
      if (asks && trust == null) {
        throw new IllegalStateException(
            "a server that asks for client certificates needs trust(...), or"
                + " clientAuthentication(NONE)");
      }
      InetSocketAddress address = this.address;
      InetSocketAddress bind =
          address != null ? address : new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      String about = "open a server on " + bind + " with the identity of " + identity.source();
      if (bind.isUnresolved()) {
        throw new ConnectionException(
            about + " failed: the host has no address", Kind.UNKNOWN_HOST);
      }
      return new QuicServer(
          QuicEndpoint.open(
              "QuicServer",
              about,
              settings,
              config -> {
                config
                    .bind(bind)
                    .alpn(alpn)
                    .identity(identity.chainPem(), identity.keyPem())
                    .clientAuth(clientAuthentication.code());
                if (trust != null) {
                  config.trust(trust.pem(), trust.isSystem());
                }
              },
              NativeEndpoint::openServer));
    }
  }
}
