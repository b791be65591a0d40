package rs.jetstream.quic;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeControl;
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
 * native thread, one socket, and {@link QuicSettings#receiveRing()} bytes of memory; the garbage
 * collector frees none of them.
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
  private final boolean allowsTestCertificate;

  private QuicServer(Opened opened, boolean allowsTestCertificate) {
    super(opened);
    this.allowsTestCertificate = allowsTestCertificate;
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
    ConnectionTurns turns = new ConnectionTurns();
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

  /** As {@link #accept()}, in a future. Cancelling it leaves the connection to others. */
  public CompletableFuture<QuicConnection> acceptAsync() {
    return Futures.of(() -> accept());
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
            Optional.of(
                new RefusedHandshake(
                    out[0].peer(),
                    RefusedHandshake.Cause.of(out[0].cause()),
                    Failures.printable(out[0].reason())));
        case NativeStatus.PENDING -> Optional.empty();
        default -> throw failure(doing, status, block);
      };
    } finally {
      block.give();
    }
  }

  /**
   * Answers nothing new from these addresses from now on, and forgets those of the call before.
   * Connections that are there go on. Their attempts are counted in {@link
   * EndpointStatistics.Refused#address()}.
   *
   * @param blocks up to 2^20
   */
  public void deny(Collection<AddressBlock> blocks) throws IOException {
    String doing = "deny addresses";
    requireOpen(doing);
    List<NativeControl.Addresses> all =
        blocks.stream().map(it -> new NativeControl.Addresses(it.address(), it.bits())).toList();
    Block block = Block.take();
    try {
      int status = NativeControl.deny(handle(), all, block);
      if (status != NativeStatus.OK) {
        throw failure(doing, status, block);
      }
    } finally {
      block.give();
    }
  }

  /**
   * Closes the server, but lets streams that are open finish: refuses new connections at once,
   * closes each connection with code 0 when it has no open stream any more, and the rest after
   * {@code grace}. Streams that peers open meanwhile can still be accepted. Returns when the server
   * is closed; a virtual thread can wait here.
   *
   * @param grace how long streams may take
   * @throws InterruptedIOException when interrupted, with the server closed at once
   */
  public ShutdownReport shutdown(Duration grace) throws IOException {
    return Shutdown.of(this, grace);
  }

  private static void requireNoTicketsWhereItAsks(TlsOptions tls) {
    if (!tls.ticketKeys().isEmpty() && tls.clientAuthentication() != ClientAuthentication.NONE) {
      throw new IllegalStateException(
          "ticketKeys let clients in that show no certificate, but this server asks for them:"
              + " leave the keys out, or set clientAuthentication(NONE)");
    }
  }

  @Override
  void check(TlsOptions next, String doing) throws ConfigurationException {
    requireNoTicketsWhereItAsks(next);
    if (!allowsTestCertificate) {
      TestCertificates.requireNone(next, localAddress(), doing);
    }
  }

  @Override
  void onEnd() {}

  /** Settings of a server; not for several threads. */
  public static final class Builder {
    private @Nullable InetSocketAddress address;
    private int port;
    private int[] inherited = {};
    private List<TlsIdentity> identities = List.of();
    private @Nullable TlsTrust trust;
    private ClientAuthentication clientAuthentication = ClientAuthentication.REQUIRED;
    private List<String> alpn = List.of("jetstream");
    private QuicSettings settings = QuicSettings.defaults();
    private ServerLimits limits = ServerLimits.defaults();
    private @Nullable ResetKey resetKey;
    private int serverId;
    private @Nullable PeerPolicy peerPolicy;
    private @Nullable HelloPolicy helloPolicy;
    private Duration decisionTimeout = Duration.ofSeconds(5);
    private List<TlsExporter> exporters = List.of();
    private @Nullable Path keyLog;
    private @Nullable Path qlog;
    private boolean allowsTestCertificate;
    private List<TicketKey> ticketKeys = List.of();

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

    /**
     * Serves on UDP sockets that are bound already, in place of an address: those that this process
     * inherited from systemd ({@link SystemdSockets}), or from the process that it replaces.
     *
     * <p>{@link #open()} needs one. {@link #openOnOnePort} needs one for each server, bound to the
     * same address with SO_REUSEPORT, in the order in which they were bound.
     *
     * <p>Ownership: an open server has its descriptor, and closes it at its end; neither the
     * program nor anything else in the process may use it. When opening fails the descriptor stays
     * open and the program's, but for those of servers of {@link #openOnOnePort} that were open by
     * then. The socket is made non-blocking and gets buffers and other options, also for who shares
     * it. One process at a time may read it, or packets go astray.
     *
     * @param descriptors numbers of file descriptors, each 3 or more; Linux and macOS
     */
    public Builder inheritedSockets(int... descriptors) {
      if (descriptors.length == 0) {
        throw new IllegalArgumentException("there are no inherited sockets: descriptors is empty");
      }
      this.inherited = InheritedSockets.checked(descriptors);
      return this;
    }

    /**
     * Who the server is. Must be set; not closed by the server.
     *
     * @param more identities for other names: a client gets the one that has the name it asks for,
     *     and else the first
     */
    public Builder identity(TlsIdentity identity, TlsIdentity... more) {
      this.identities = TlsIdentity.list(identity, more);
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
     * Application protocols by preference (RFC 7301), each 2 to 255 bytes: clients on s2n-tls
     * ignore a server's choice of a name of one. Default: {@code jetstream}.
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

    /** Whom the server lets in, before there is a connection. */
    public Builder limits(ServerLimits limits) {
      this.limits = Objects.requireNonNull(limits, "limits");
      return this;
    }

    /**
     * The secret that a restarted server keeps, so that it can tell its clients of before that
     * their connections are gone. Default: none that outlives the server.
     */
    public Builder resetKey(ResetKey resetKey) {
      this.resetKey = Objects.requireNonNull(resetKey, "resetKey");
      return this;
    }

    /** Server id in connection ids, for balancers that route by it; 0 to 65535. Default 0. */
    public Builder serverId(int serverId) {
      if (serverId < 0 || serverId > 0xffff) {
        throw new IllegalArgumentException("serverId is " + serverId + ", must be from 0 to 65535");
      }
      this.serverId = serverId;
      return this;
    }

    /** Judges clients whose certificate is trusted. Default: all of them are welcome. */
    public Builder peerPolicy(PeerPolicy peerPolicy) {
      this.peerPolicy = Objects.requireNonNull(peerPolicy, "peerPolicy");
      return this;
    }

    /** Judges clients by their first message. Default: all of them are welcome. */
    public Builder helloPolicy(HelloPolicy helloPolicy) {
      this.helloPolicy = Objects.requireNonNull(helloPolicy, "helloPolicy");
      return this;
    }

    /**
     * How long a policy, or the signature of an external key, may take before the handshake fails;
     * up to 1 day. Default 5 s.
     */
    public Builder decisionTimeout(Duration decisionTimeout) {
      this.decisionTimeout = Objects.requireNonNull(decisionTimeout, "decisionTimeout");
      return this;
    }

    /** Keys that each connection derives: {@link QuicConnection#exportedKey}. Default: none. */
    public Builder exporters(TlsExporter... exporters) {
      this.exporters = List.of(exporters);
      return this;
    }

    /**
     * Lets clients resume their sessions with tickets that these keys make (RFC 8446 section 2.2):
     * a handshake without certificate and signature. Only for servers that ask for no certificate,
     * because a resumed session shows none. There is no 0-RTT: nothing can be replayed. {@link
     * TlsReload#ticketKeys} rotates them. Default: none, and no tickets.
     *
     * @param first makes tickets and takes them; a ticket lives for up to 15 hours
     * @param more only take them; up to 15
     */
    @Experimental
    public Builder ticketKeys(TicketKey first, TicketKey... more) {
      this.ticketKeys = TicketKey.list(first, more);
      return this;
    }

    /**
     * Appends the secrets of all connections to a file, for decoding captures with Wireshark. Who
     * reads the file reads the connections: for debugging alone. So it is made for its owner alone,
     * and one that is there must be this user's, and nobody else's to touch. Default: none,
     * whatever the environment says.
     */
    public Builder dangerouslyLogKeys(Path file) {
      this.keyLog = Objects.requireNonNull(file, "file");
      return this;
    }

    /**
     * Writes what happens on each connection to a file of its own in {@code directory}, which must
     * be there: qlog as JSON text sequences (drafts ietf-quic-qlog-main-schema and
     * ietf-quic-qlog-quic-events), {@code *.sqlog}, for tools such as qvis. Packets and their
     * frames, recovery, keys by name, paths and ends are in it, with addresses; data and secrets
     * are not. Only the owner reads the files, and nobody deletes them: whoever can reach a server
     * can make it write, so give the directory a limit of its own.
     *
     * <p>Connections are never slower for it than they are for the processor: events that come
     * faster than they are written are dropped, which the file says, and {@link
     * EndpointStatistics#qlogDropped()} counts; of more than 512 connections at once, the rest is
     * not written; a directory that is full or gone is logged once. Default: none, whatever the
     * environment says.
     */
    public Builder qlog(Path directory) {
      this.qlog = Objects.requireNonNull(directory, "directory");
      return this;
    }

    /**
     * Lets certificates that say TEST ONLY, own or trusted, serve on an address that other machines
     * can reach. They are made by scripts, their keys lie in work trees: never in production.
     */
    public Builder dangerouslyAllowTestCertificate() {
      this.allowsTestCertificate = true;
      return this;
    }

    /**
     * Binds the server. Everything is checked before anything is bound.
     *
     * @throws ConfigurationException when s2n-tls refuses identity, trust or policy, or when they
     *     are for tests only and the address is not the loopback address
     * @throws ConnectionException when the address cannot be bound, or of kind BAD_SOCKET when the
     *     inherited socket does not fit
     * @throws IllegalArgumentException naming the setting that is out of its range
     * @throws IllegalStateException when identity or trust is not set, when the identity or a
     *     ticket key is closed, when there are an address and inherited sockets, or several of
     *     those, or when settings exclude each other
     */
    public QuicServer open() throws IOException {
      if (inherited.length > 1) {
        throw new IllegalStateException(
            "there are "
                + inherited.length
                + " inherited sockets for one server: use openOnOnePort, or set one of them");
      }
      return open(0, 1, 0, null);
    }

    /**
     * Binds {@code count} servers that share one port, each with a thread and a socket of its own,
     * for more than one core can carry; Linux only. The kernel sends each packet to the server
     * whose connection it belongs to, by the connection id, so that clients may change their
     * address; new connections are spread over all. The limits hold for all of them together.
     * Accept on each, and close each.
     *
     * @param count 1 to 255
     */
    public List<QuicServer> openOnOnePort(int count) throws IOException {
      if (count < 1 || count > 255) {
        throw new IllegalArgumentException("count is " + count + ", must be from 1 to 255");
      }
      if (inherited.length != 0 && inherited.length != count) {
        throw new IllegalArgumentException(
            "count is " + count + ", but there are " + inherited.length + " inherited sockets");
      }
      List<QuicServer> servers = new ArrayList<>();
      boolean all = false;
      try {
        QuicServer first = null;
        for (int i = 0; i < count; i++) {
          QuicServer server =
              first == null
                  ? open(0, count, 0, null)
                  : open(i, count, first.handle(), first.localAddress());
          first = first == null ? server : first;
          servers.add(server);
        }
        all = true;
        return List.copyOf(servers);
      } finally {
        if (!all) {
          servers.forEach(QuicServer::close);
        }
      }
    }

    private QuicServer open(int index, int count, long limitsOf, @Nullable InetSocketAddress shared)
        throws IOException {
      if (identities.isEmpty()) {
        throw new IllegalStateException("a server needs an identity: set identity(...)");
      }
      TlsTrust trust = this.trust;
      boolean asks = clientAuthentication != ClientAuthentication.NONE;
      if (asks && trust == null) {
        throw new IllegalStateException(
            "a server that asks for client certificates needs trust(...), or"
                + " clientAuthentication(NONE)");
      }
      InetSocketAddress bind = shared != null ? shared : bindAddress();
      TlsOptions tls =
          new TlsOptions(
              identities,
              trust,
              clientAuthentication,
              alpn,
              peerPolicy,
              helloPolicy,
              decisionTimeout,
              exporters,
              keyLog,
              settings.securityPolicy(),
              ticketKeys,
              0,
              false);
      requireNoTicketsWhereItAsks(tls);
      if (peerPolicy != null && !asks) {
        throw new IllegalStateException(
            "a peerPolicy judges certificates, but clientAuthentication(NONE) asks for none");
      }
      String about = "open a server on " + bind + ofDescriptor(index) + tls.about();
      if (bind.isUnresolved()) {
        throw new ConnectionException(
            about + " failed: the host has no address", Kind.UNKNOWN_HOST);
      }
      if (!allowsTestCertificate) {
        TestCertificates.requireNone(tls, bind, about);
      }
      return new QuicServer(
          QuicEndpoint.open(
              "QuicServer",
              about,
              settings,
              tls,
              qlog,
              config -> {
                limits.applyTo(
                    config.bind(bind).serverId(serverId).sharing(index, count, limitsOf));
                if (inherited.length != 0) {
                  config.inheritedSocket(inherited[index]);
                }
                if (resetKey != null) {
                  config.resetKey(resetKey.bytes());
                }
              },
              NativeEndpoint::openServer),
          allowsTestCertificate);
    }

    private InetSocketAddress bindAddress() throws IOException {
      InetSocketAddress address = this.address;
      if (inherited.length != 0) {
        if (address != null || port != 0) {
          throw new IllegalStateException(
              "a server is bound to an address, or has inherited sockets: set one of them");
        }
        return InheritedSockets.address("open a server", inherited);
      }
      return address != null
          ? address
          : new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** For messages. */
    private String ofDescriptor(int index) {
      return inherited.length == 0 ? "" : " of descriptor " + inherited[index];
    }
  }
}
