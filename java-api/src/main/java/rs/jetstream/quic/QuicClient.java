package rs.jetstream.quic;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import rs.jetstream.ffi.Block;
import rs.jetstream.ffi.NativeEndpoint;
import rs.jetstream.ffi.NativeStatus;
import rs.jetstream.ffi.WakeSlot;
import rs.jetstream.quic.JetStreamException.Kind;

/**
 * Connects to servers; one client serves any number of connections on one UDP socket.
 *
 * {@snippet :
 * try (QuicClient client = QuicClient.builder().trust(servers).identity(identity).open();
 *     QuicConnection connection = client.connect("example.com", 4433);
 *     BidirectionalStream stream = connection.openBidirectional()) {
 *   stream.sendAndFinish(request);
 *   byte[] answer = stream.receiveAll(1 << 20);
 * }
 * }
 *
 * <h2>Lifecycle</h2>
 *
 * Bound by {@link Builder#open()}, until {@link #close()}, which closes its connections. It has one
 * native thread, one socket, and {@link QuicSettings#receiveRing()} bytes of memory, of which the
 * garbage collector frees none: make one, and keep it.
 *
 * <h2>Threads</h2>
 *
 * Any thread; connects run in parallel.
 *
 * <h2>Common issues</h2>
 *
 * <ul>
 *   <li>HANDSHAKE_REFUSED: the server does not want this client's certificate, ALPN or policy; its
 *       side knows why.
 *   <li>PEER_NOT_TRUSTED: the server's certificate is not of a trusted issuer, is expired, or names
 *       another host.
 *   <li>NOT_SIGNED: this client's key is an external one, and its provider did not sign; the log
 *       has its exception.
 * </ul>
 */
public final class QuicClient extends QuicEndpoint {
  /** Time for the server's confirmation beyond the handshake's own timeout. */
  private static final Duration CONFIRMATION = Duration.ofSeconds(1);

  /** How often it is looked whether calls wait. */
  private static final Duration LOOK = Duration.ofMillis(500);

  private final Set<Waiter> connecting = ConcurrentHashMap.newKeySet();

  private QuicClient(Opened opened) {
    super(opened);
    if (settings().keepAlive() == KeepAlive.WHILE_WAITING) {
      Thread ignored =
          Thread.ofVirtual().name("jetstream-keep-alive-" + handle()).start(this::keepAlive);
    }
  }

  /** Looks now and then which connections have a call that waits; ends with the client. */
  private void keepAlive() {
    try {
      boolean ended = false;
      while (!ended) {
        try {
          connections().forEach(QuicConnection::keepAliveWhileWaiting);
          ended = waitEnded(LOOK);
        } catch (OutOfMemoryError full) {
          // The next look will do; without this thread none would come.
        }
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread, which nobody else has.
      Thread.currentThread().interrupt();
    }
  }

  /** A builder. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Connects to {@code host}, whose certificate must name it. As {@link #connect(String, int,
   * Duration)}.
   */
  public QuicConnection connect(String host, int port) throws IOException {
    return connect(host, port, null);
  }

  /**
   * Connects to {@code host}, whose certificate must name it: to the first of its addresses that
   * answers, as {@link #connect(List, String, Duration)}.
   *
   * @param host a DNS name, or an IP address in text
   * @param timeout how long it may take beyond the look-up of the name; null leaves it to {@link
   *     QuicSettings#handshakeTimeout()}
   * @throws ConnectionException of kind UNKNOWN_HOST, HANDSHAKE_TIMEOUT, HANDSHAKE_REFUSED,
   *     PEER_NOT_TRUSTED or NOT_SIGNED
   */
  public QuicConnection connect(String host, int port, @Nullable Duration timeout)
      throws IOException {
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw new ConnectionException(
          "connect to " + Failures.printable(host) + " failed: the host has no address",
          Kind.UNKNOWN_HOST);
    }
    return connect(Race.interleave(addresses, port), host, timeout);
  }

  /**
   * Connects to the first of {@code addresses} that answers: they are tried in order, each a
   * quarter of a second after the one before, or as soon as that has failed (RFC 8305). When all
   * fail, the first failure is thrown, with the others suppressed in it.
   *
   * @param timeout how long it may take for all; null leaves it to {@link
   *     QuicSettings#handshakeTimeout()}, for each
   */
  public QuicConnection connect(
      List<InetSocketAddress> addresses, String serverName, @Nullable Duration timeout)
      throws IOException {
    return addresses.size() == 1
        ? connect(addresses.getFirst(), serverName, timeout)
        : Race.run(this, addresses, serverName, timeout);
  }

  /**
   * As {@link #connect(InetSocketAddress, String, Duration)}, in a future. Cancelling it gives the
   * attempt up.
   */
  public CompletableFuture<QuicConnection> connectAsync(
      InetSocketAddress address, String serverName, @Nullable Duration timeout) {
    return Futures.of(() -> connect(address, serverName, timeout));
  }

  /**
   * Connects to {@code address}, whose certificate must name {@code serverName}. Returns when the
   * server has confirmed the handshake: with mutual TLS, when it has accepted this side's
   * certificate.
   *
   * @param serverName a DNS name, IDN in its ASCII form, or an IP address in text; the server's
   *     certificate must have it among its alternative names (RFC 9525). A dot at its end is left
   *     out
   * @param timeout how long it may take; null leaves it to {@link QuicSettings#handshakeTimeout()}
   */
  public QuicConnection connect(
      InetSocketAddress address, String serverName, @Nullable Duration timeout) throws IOException {
    String doing = "connect to " + Failures.printable(serverName) + " at " + text(address);
    requireOpen(doing);
    if (address.isUnresolved()) {
      throw new ConnectionException(doing + " failed: the host has no address", Kind.UNKNOWN_HOST);
    }
    // The native half's own timeout ends with this side's part of the handshake; a server that
    // never confirms it must not be waited for without end either.
    Duration bound = timeout != null ? timeout : settings().handshakeTimeout().plus(CONFIRMATION);
    long deadline = Waiter.deadlineAfter(bound);
    ConnectionTurns turns = new ConnectionTurns();
    WakeSlot slot = WakeSlot.take(turns);
    Block block = Block.take();
    connecting.add(turns.connect);
    long attempt = 0;
    boolean made = false;
    try {
      int status = NativeEndpoint.connect(handle(), address, serverName, slot.token(), block);
      if (status != NativeStatus.OK) {
        throw failure(doing, status, block);
      }
      attempt = block.long0();
      while (true) {
        turns.connect.arm();
        status = NativeEndpoint.pollConnect(attempt, block);
        if (status == NativeStatus.OK) {
          made = true;
          return adopt(block.long0(), slot, turns, true);
        }
        if (status != NativeStatus.PENDING) {
          throw failure(doing, status, block);
        }
        boolean inTime;
        try {
          inTime = turns.connect.await(deadline);
        } catch (InterruptedIOException e) {
          throw new InterruptedIOException(doing + " was interrupted");
        }
        if (!inTime) {
          Kind kind = timeout != null ? Kind.DEADLINE : Kind.HANDSHAKE_TIMEOUT;
          throw new ConnectionException(doing + " failed: not done in " + bound, kind);
        }
      }
    } finally {
      connecting.remove(turns.connect);
      block.give();
      if (!made) {
        NativeEndpoint.freeConnect(attempt);
        slot.release();
      }
    }
  }

  /** As it is written in URLs, without the name and slash that the JDK puts in front. */
  private static String text(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    if (ip == null) {
      return address.toString();
    }
    String host = ip.getHostAddress();
    return (ip instanceof Inet4Address ? host : "[" + host + "]") + ":" + address.getPort();
  }

  @Override
  void check(TlsOptions next, String doing) {}

  @Override
  void onEnd() {
    connecting.forEach(Waiter::wake);
  }

  /** Settings of a client; not for several threads. */
  public static final class Builder {
    private @Nullable InetSocketAddress localAddress;

    /** The descriptor; 0 is none. */
    private int inherited;

    private @Nullable TlsIdentity identity;
    private @Nullable TlsTrust trust;
    private List<String> alpn = List.of("jetstream");
    private QuicSettings settings = QuicSettings.defaults();
    private @Nullable PeerPolicy peerPolicy;
    private Duration decisionTimeout = Duration.ofSeconds(5);
    private List<TlsExporter> exporters = List.of();
    private @Nullable Path keyLog;
    private @Nullable Path qlog;
    private int maxTickets;
    private boolean judgesOcspResponses;

    private Builder() {}

    /**
     * The local address to bind. Default: the wildcard of both families and a port of the system's
     * choice.
     */
    public Builder localAddress(InetSocketAddress localAddress) {
      this.localAddress = Objects.requireNonNull(localAddress, "localAddress");
      return this;
    }

    /**
     * Connects from a UDP socket that is bound already, in place of a local address. The client has
     * it as servers have theirs: {@link QuicServer.Builder#inheritedSockets}.
     *
     * @param descriptor number of a file descriptor, 3 or more; Linux and macOS
     */
    public Builder inheritedSocket(int descriptor) {
      this.inherited = InheritedSockets.checked(descriptor)[0];
      return this;
    }

    /** Who the client is, for servers that ask. Not closed by the client. */
    public Builder identity(TlsIdentity identity) {
      this.identity = Objects.requireNonNull(identity, "identity");
      return this;
    }

    /** Whose servers are believed. Default: the certificate authorities of the operating system. */
    public Builder trust(TlsTrust trust) {
      this.trust = Objects.requireNonNull(trust, "trust");
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

    /**
     * Judges servers whose certificate is trusted and names them, as pinning does. Default: all of
     * them are welcome.
     */
    public Builder peerPolicy(PeerPolicy peerPolicy) {
      this.peerPolicy = Objects.requireNonNull(peerPolicy, "peerPolicy");
      return this;
    }

    /**
     * How long the policy, or the signature of an external key, may take before the handshake
     * fails; up to 1 day. Default 5 s.
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
     * Resumes sessions with servers that give tickets (RFC 8446 section 2.2): a handshake without
     * certificate and signature. The client is as sure of the server as it was when the session
     * began: {@link QuicConnection#peerIdentity()} tells who that was, {@link TlsInfo#resumed()}
     * that it was then. A ticket is kept in memory, used once, and for the same server name, while
     * the certificates are valid and not longer than a day after they were verified; {@link
     * QuicClient#reload} forgets all of them. Policies that judge certificates exclude it. There is
     * no 0-RTT: nothing can be replayed. A resumed session with a JetStream server brings no new
     * ticket, so that one connection of two is resumed at most. A connection keeps the state of its
     * handshake until its ticket has come: with a server that gives none, until its end. Default:
     * none.
     *
     * @param maxTickets how many to keep, of all servers together; the oldest makes room. 0, which
     *     is off, to 1,024
     */
    @Experimental
    public Builder resumeSessions(int maxTickets) {
      if (maxTickets < 0 || maxTickets > 1024) {
        throw new IllegalArgumentException(
            "maxTickets is " + maxTickets + ", must be from 0 to 1024");
      }
      this.maxTickets = maxTickets;
      return this;
    }

    /**
     * Asks servers for the response of their issuer's OCSP service (RFC 6066 section 8), and
     * refuses those whose response is not good: that the certificate is revoked or unknown, that
     * its time is over, or that it is not signed by the issuer. A server that has none is let in;
     * nobody else is asked. Default: not asked for.
     */
    public Builder judgeOcspResponses() {
      this.judgesOcspResponses = true;
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
     * Binds the client. Everything is checked before anything is bound.
     *
     * @throws ConfigurationException when s2n-tls refuses identity, trust or policy
     * @throws ConnectionException when the address cannot be bound, or of kind BAD_SOCKET when the
     *     inherited socket does not fit
     * @throws IllegalArgumentException naming the setting that is out of its range
     * @throws IllegalStateException when there are a local address and an inherited socket
     */
    public QuicClient open() throws IOException {
      TlsIdentity identity = this.identity;
      TlsTrust trust = this.trust == null ? TlsTrust.system() : this.trust;
      TlsOptions tls =
          new TlsOptions(
              identity == null ? List.of() : List.of(identity),
              trust,
              ClientAuthentication.NONE,
              alpn,
              peerPolicy,
              null,
              decisionTimeout,
              exporters,
              keyLog,
              settings.securityPolicy(),
              List.of(),
              maxTickets,
              judgesOcspResponses);
      if (maxTickets > 0 && peerPolicy != null) {
        throw new IllegalStateException(
            "a peerPolicy judges certificates, but resumeSessions connects without them: set one"
                + " of the two");
      }
      String about = "open a client" + tls.about();
      InetSocketAddress local = localAddress;
      if (inherited != 0) {
        if (local != null) {
          throw new IllegalStateException(
              "a client has a local address, or an inherited socket: set one of them");
        }
        local = InheritedSockets.address("open a client", inherited);
        return open(local, about + " on " + local + " of descriptor " + inherited, tls);
      }
      if (local != null) {
        about += " on " + local;
        if (local.isUnresolved()) {
          throw new ConnectionException(
              about + " failed: the host has no address", Kind.UNKNOWN_HOST);
        }
        return open(local, about, tls);
      }
      try {
        return open(new InetSocketAddress("::", 0), about, tls);
      } catch (ConnectionException e) {
        // A system without IPv6.
        return open(new InetSocketAddress(anyIpv4(), 0), about, tls);
      }
    }

    private QuicClient open(InetSocketAddress local, String about, TlsOptions tls)
        throws IOException {
      return new QuicClient(
          QuicEndpoint.open(
              "QuicClient",
              about,
              settings,
              tls,
              qlog,
              config -> {
                config.bind(local);
                config.inheritedSocket(inherited);
              },
              NativeEndpoint::openClient));
    }

    private static InetAddress anyIpv4() throws UnknownHostException {
      return Inet4Address.getByAddress(new byte[4]);
    }
  }
}
