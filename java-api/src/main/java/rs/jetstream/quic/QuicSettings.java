package rs.jetstream.quic;

import java.time.Duration;
import java.util.Objects;
import rs.jetstream.ffi.NativeConfig;

/**
 * Limits, timeouts and transport settings of an endpoint. Every limit is finite; 0 means 0.
 *
 * <p>Immutable; any thread. Values are checked when an endpoint is opened with them: one that is
 * out of its range is an {@link IllegalArgumentException} that names it.
 *
 * {@snippet :
 * QuicSettings settings = QuicSettings.builder().maxMtu(9000).idleTimeout(Duration.ofMinutes(1)).build();
 * }
 */
// r[impl security.1.18]
// r[impl security.1.25]
public final class QuicSettings {
  private static final long MIB = 1 << 20;
  private static final QuicSettings DEFAULTS = builder().build();

  /** Never changed. */
  private final Builder values;

  private QuicSettings(Builder builder) {
    values = builder.copy();
  }

  /** All defaults. */
  public static QuicSettings defaults() {
    return DEFAULTS;
  }

  /** A builder that begins with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A builder for local networks: packets of 9,000 bytes where the path carries them, and windows
   * for 10 Gbit/s at a round trip of 5 ms.
   */
  public static Builder lan() {
    return Profiles.lan();
  }

  /** A builder for long ways: windows for 1 Gbit/s at a round trip of 130 ms. */
  public static Builder wan() {
    return Profiles.wan();
  }

  /**
   * A builder for many connections in little memory: what a peer can make this side hold is some
   * hundred KiB per connection, and an endpoint maps 1 MiB instead of 8.
   */
  public static Builder lowMemory() {
    return Profiles.lowMemory();
  }

  /** A builder that begins with these settings. */
  public Builder toBuilder() {
    return values.copy();
  }

  /**
   * Bytes that a peer may send on a connection before they are received here; 1 to 2^32-1. Default
   * 3 MiB. RFC 9000 section 4.1.
   */
  public long connectionWindow() {
    return values.connectionWindow;
  }

  /**
   * The same for one stream. Default 4 MiB.
   *
   * <p>Keep it at 4/3 of the connection's window or more: a reset by a peer on s2n-quic names what
   * its stream took of the connection's window, and where that is more than the stream's window the
   * connection must end with FLOW_CONTROL_ERROR.
   */
  public long streamWindow() {
    return values.streamWindow;
  }

  /**
   * Bytes per stream that are kept until the peer has acknowledged them: sending waits above it.
   * Default 1 MiB.
   */
  public int sendBuffer() {
    return values.sendBuffer;
  }

  /** The most bytes of one {@link SendStream#claim}; 1 to 2^30. Default 1 MiB. */
  public int maxClaim() {
    return values.maxClaim;
  }

  /**
   * Bytes of leases that a connection may have out at once, counted by what they pin, which is
   * 4,096 bytes for each chunk at least; while a byte is left, another lease is given, and may go
   * beyond. 1 to 2^40. Default 16 MiB.
   */
  public long maxLeased() {
    return values.maxLeased;
  }

  /** Bytes of claims that a connection may have out at once; 1 to 2^40. Default 16 MiB. */
  public long maxClaimed() {
    return values.maxClaimed;
  }

  /** Bidirectional streams that the peer may have open at once; 0 to 2^60. Default 1,000. */
  public long maxRemoteBidirectionalStreams() {
    return values.maxRemoteBidirectionalStreams;
  }

  /** Unidirectional streams that the peer may have open at once; 0 to 2^60. Default 1,000. */
  public long maxRemoteUnidirectionalStreams() {
    return values.maxRemoteUnidirectionalStreams;
  }

  /**
   * Bidirectional streams that this side may have open at once, if the peer lets it; 0 to 2^60.
   * Default 100,000.
   */
  public long maxLocalBidirectionalStreams() {
    return values.maxLocalBidirectionalStreams;
  }

  /**
   * Unidirectional streams that this side may have open at once, if the peer lets it; 0 to 2^60.
   * Default 100,000.
   */
  public long maxLocalUnidirectionalStreams() {
    return values.maxLocalUnidirectionalStreams;
  }

  /**
   * Streams of the peer that a connection accepts per second, and as many at once; 0 to 10^9. What
   * comes faster waits, and with it the peer's credit for more. Default 500,000.
   */
  public long streamsPerSecond() {
    return values.streamsPerSecond;
  }

  /**
   * Bytes per connection, of all its streams, that are kept until the peer has acknowledged them:
   * sending waits above it. One chunk may go beyond. 1 to 2^40. Default 16 MiB.
   */
  public long maxSendBuffered() {
    return values.maxSendBuffered;
  }

  /** The same for all connections of the endpoint. 1 to 2^50. Default 1 GiB. */
  public long maxEndpointSendBuffered() {
    return values.maxEndpointSendBuffered;
  }

  /**
   * Error code of the reset and stop that a stream gets when it is closed unfinished; below 2^62.
   * Default 0.
   */
  public long abandonedStreamCode() {
    return values.abandonedStreamCode;
  }

  /**
   * Time without a packet of the peer after which a connection ends; 1 ms to 1 day. Default 30 s.
   * The smaller one of both sides counts (RFC 9000 section 10.1).
   */
  public Duration idleTimeout() {
    return values.idleTimeout;
  }

  /** Time that a handshake may take; 1 ms to 1 day. Default 10 s. */
  public Duration handshakeTimeout() {
    return values.handshakeTimeout;
  }

  /**
   * How long an acknowledgement may be held back, for others to travel with it; 1 ms to 16,383 ms.
   * Default 25 ms (RFC 9000 section 18.2).
   */
  public Duration maxAckDelay() {
    return values.maxAckDelay;
  }

  /**
   * Time between keep-alive packets where there are any; 1 ms to 1 day. Default 1 s: with {@link
   * KeepAlive#WHILE_WAITING} calls on a server that is gone fail about that soon.
   */
  public Duration keepAlivePeriod() {
    return values.keepAlivePeriod;
  }

  /**
   * Bytes of datagrams that a connection keeps each way, 64 more counted for each; up to 2^30.
   * Default 0: there are none. See {@link QuicConnection#datagrams()}.
   */
  @Experimental
  public int datagramBuffer() {
    return values.datagramBuffer;
  }

  /** What decides how much is under way. Default: {@link CongestionControl#CUBIC}. */
  public CongestionControl congestionControl() {
    return values.congestionControl;
  }

  /** When connections are kept alive. Default: {@link KeepAlive#WHILE_WAITING}. */
  public KeepAlive keepAlive() {
    return values.keepAlive;
  }

  /** Time that closing an endpoint waits for its connections to end. Default 1 s. */
  public Duration drainTimeout() {
    return values.drainTimeout;
  }

  /**
   * Bytes to ask of the kernel for the socket's receive buffer; 0 leaves the system's default.
   * Default 4 MiB; the kernel gives at most {@code net.core.rmem_max}.
   */
  public int socketReceiveBuffer() {
    return values.socketReceiveBuffer;
  }

  /**
   * Bytes to ask of the kernel for the socket's send buffer; 0 leaves the system's default. Default
   * 4 MiB; the kernel gives at most {@code net.core.wmem_max}.
   */
  public int socketSendBuffer() {
    return values.socketSendBuffer;
  }

  /**
   * Bytes of the ring of received packets, mapped once per endpoint; 2^17 to 2^30. Default 8 MiB.
   */
  public int receiveRing() {
    return values.receiveRing;
  }

  /** MTU of a connection's first packets; 1228 to {@link #maxMtu()}. Default 1228. */
  public int initialMtu() {
    return values.initialMtu;
  }

  /** Largest MTU that is probed for; 1228 to 9000. Default 1500. */
  public int maxMtu() {
    return values.maxMtu;
  }

  /** Whether sending uses the kernel's segmentation offload (GSO) where it has it. Default true. */
  public boolean segmentationOffload() {
    return values.segmentationOffload;
  }

  /** Whether receiving uses the kernel's receive offload (GRO) where it has it. Default true. */
  public boolean receiveOffload() {
    return values.receiveOffload;
  }

  /** Longest certificate chain of a peer that is accepted, root counted; 1 to 100. Default 7. */
  public int maxCertificateChain() {
    return values.maxCertificateChain;
  }

  /**
   * Security policy of s2n-tls by its dated name. Default {@link SecurityPolicies#POST_QUANTUM}.
   */
  public String securityPolicy() {
    return values.securityPolicy;
  }

  void applyTo(NativeConfig config) {
    int ignored =
        Checks.millis("drainTimeout", values.drainTimeout); // the native half has no such setting
    config
        .windows(values.connectionWindow, values.streamWindow)
        .buffers(
            Checks.notNegative("sendBuffer", values.sendBuffer),
            values.maxClaim,
            values.maxLeased,
            values.maxClaimed)
        .remoteStreams(values.maxRemoteBidirectionalStreams, values.maxRemoteUnidirectionalStreams)
        .localStreams(values.maxLocalBidirectionalStreams, values.maxLocalUnidirectionalStreams)
        .streamRate(values.streamsPerSecond)
        .sendBuffered(values.maxSendBuffered, values.maxEndpointSendBuffered)
        .abandonedStreamCode(Checks.code("abandonedStreamCode", values.abandonedStreamCode))
        .timeouts(
            Checks.millis("idleTimeout", values.idleTimeout),
            Checks.millis("handshakeTimeout", values.handshakeTimeout),
            Checks.millis("keepAlivePeriod", values.keepAlivePeriod))
        .maxAckDelay(Checks.millis("maxAckDelay", values.maxAckDelay))
        .socketBuffers(values.socketReceiveBuffer, values.socketSendBuffer, values.receiveRing)
        .mtu(Checks.mtu("initialMtu", values.initialMtu), Checks.mtu("maxMtu", values.maxMtu))
        .offload(values.segmentationOffload, values.receiveOffload)
        .congestionControl(values.congestionControl.code())
        .datagramBuffer(values.datagramBuffer)
        .maxChainDepth(values.maxCertificateChain);
  }

  /** Begins with the defaults; not for several threads. */
  public static final class Builder implements Cloneable {
    private long connectionWindow = 3 * MIB;
    private long streamWindow = 4 * MIB;
    private int sendBuffer = (int) MIB;
    private int maxClaim = (int) MIB;
    private long maxLeased = 16 * MIB;
    private long maxClaimed = 16 * MIB;
    private long maxRemoteBidirectionalStreams = 1000;
    private long maxRemoteUnidirectionalStreams = 1000;
    private long maxLocalBidirectionalStreams = 100_000;
    private long maxLocalUnidirectionalStreams = 100_000;
    private long abandonedStreamCode = 0;
    private long streamsPerSecond = 500_000;
    private long maxSendBuffered = 16 * MIB;
    private long maxEndpointSendBuffered = 1024 * MIB;
    private Duration idleTimeout = Duration.ofSeconds(30);
    private Duration handshakeTimeout = Duration.ofSeconds(10);
    private Duration keepAlivePeriod = Duration.ofSeconds(1);
    private Duration maxAckDelay = Duration.ofMillis(25);
    private int datagramBuffer = 0;
    private CongestionControl congestionControl = CongestionControl.CUBIC;
    private KeepAlive keepAlive = KeepAlive.WHILE_WAITING;
    private Duration drainTimeout = Duration.ofSeconds(1);
    private int socketReceiveBuffer = (int) (4 * MIB);
    private int socketSendBuffer = (int) (4 * MIB);
    private int receiveRing = (int) (8 * MIB);
    private int initialMtu = 1228;
    private int maxMtu = 1500;
    private boolean segmentationOffload = true;
    private boolean receiveOffload = true;
    private int maxCertificateChain = 7;
    private String securityPolicy = SecurityPolicies.POST_QUANTUM;

    private Builder() {}

    /** Sets {@link QuicSettings#connectionWindow()}. */
    public Builder connectionWindow(long connectionWindow) {
      this.connectionWindow = connectionWindow;
      return this;
    }

    /** Sets {@link QuicSettings#streamWindow()}. */
    public Builder streamWindow(long streamWindow) {
      this.streamWindow = streamWindow;
      return this;
    }

    /** Sets {@link QuicSettings#sendBuffer()}. */
    public Builder sendBuffer(int sendBuffer) {
      this.sendBuffer = sendBuffer;
      return this;
    }

    /** Sets {@link QuicSettings#maxClaim()}. */
    public Builder maxClaim(int maxClaim) {
      this.maxClaim = maxClaim;
      return this;
    }

    /** Sets {@link QuicSettings#maxLeased()}. */
    public Builder maxLeased(long maxLeased) {
      this.maxLeased = maxLeased;
      return this;
    }

    /** Sets {@link QuicSettings#maxClaimed()}. */
    public Builder maxClaimed(long maxClaimed) {
      this.maxClaimed = maxClaimed;
      return this;
    }

    /** Sets {@link QuicSettings#maxRemoteBidirectionalStreams()}. */
    public Builder maxRemoteBidirectionalStreams(long maxRemoteBidirectionalStreams) {
      this.maxRemoteBidirectionalStreams = maxRemoteBidirectionalStreams;
      return this;
    }

    /** Sets {@link QuicSettings#maxRemoteUnidirectionalStreams()}. */
    public Builder maxRemoteUnidirectionalStreams(long maxRemoteUnidirectionalStreams) {
      this.maxRemoteUnidirectionalStreams = maxRemoteUnidirectionalStreams;
      return this;
    }

    /** Sets {@link QuicSettings#maxLocalBidirectionalStreams()}. */
    public Builder maxLocalBidirectionalStreams(long maxLocalBidirectionalStreams) {
      this.maxLocalBidirectionalStreams = maxLocalBidirectionalStreams;
      return this;
    }

    /** Sets {@link QuicSettings#maxLocalUnidirectionalStreams()}. */
    public Builder maxLocalUnidirectionalStreams(long maxLocalUnidirectionalStreams) {
      this.maxLocalUnidirectionalStreams = maxLocalUnidirectionalStreams;
      return this;
    }

    /** Sets {@link QuicSettings#abandonedStreamCode()}. */
    public Builder abandonedStreamCode(long abandonedStreamCode) {
      this.abandonedStreamCode = abandonedStreamCode;
      return this;
    }

    /** Sets {@link QuicSettings#streamsPerSecond()}. */
    public Builder streamsPerSecond(long streamsPerSecond) {
      this.streamsPerSecond = streamsPerSecond;
      return this;
    }

    /** Sets {@link QuicSettings#maxSendBuffered()}. */
    public Builder maxSendBuffered(long maxSendBuffered) {
      this.maxSendBuffered = maxSendBuffered;
      return this;
    }

    /** Sets {@link QuicSettings#maxEndpointSendBuffered()}. */
    public Builder maxEndpointSendBuffered(long maxEndpointSendBuffered) {
      this.maxEndpointSendBuffered = maxEndpointSendBuffered;
      return this;
    }

    /** Sets {@link QuicSettings#idleTimeout()}. */
    public Builder idleTimeout(Duration idleTimeout) {
      this.idleTimeout = Objects.requireNonNull(idleTimeout, "idleTimeout");
      return this;
    }

    /** Sets {@link QuicSettings#handshakeTimeout()}. */
    public Builder handshakeTimeout(Duration handshakeTimeout) {
      this.handshakeTimeout = Objects.requireNonNull(handshakeTimeout, "handshakeTimeout");
      return this;
    }

    /** Sets {@link QuicSettings#maxAckDelay()}. */
    public Builder maxAckDelay(Duration maxAckDelay) {
      this.maxAckDelay = Objects.requireNonNull(maxAckDelay, "maxAckDelay");
      return this;
    }

    /** Sets {@link QuicSettings#keepAlivePeriod()}. */
    public Builder keepAlivePeriod(Duration keepAlivePeriod) {
      this.keepAlivePeriod = Objects.requireNonNull(keepAlivePeriod, "keepAlivePeriod");
      return this;
    }

    /** Sets {@link QuicSettings#datagramBuffer()}. */
    @Experimental
    public Builder datagramBuffer(int datagramBuffer) {
      this.datagramBuffer = datagramBuffer;
      return this;
    }

    /** Sets {@link QuicSettings#congestionControl()}. */
    public Builder congestionControl(CongestionControl congestionControl) {
      this.congestionControl = Objects.requireNonNull(congestionControl, "congestionControl");
      return this;
    }

    /** Sets {@link QuicSettings#keepAlive()}. */
    public Builder keepAlive(KeepAlive keepAlive) {
      this.keepAlive = Objects.requireNonNull(keepAlive, "keepAlive");
      return this;
    }

    /** Sets {@link QuicSettings#drainTimeout()}. */
    public Builder drainTimeout(Duration drainTimeout) {
      this.drainTimeout = Objects.requireNonNull(drainTimeout, "drainTimeout");
      return this;
    }

    /** Sets {@link QuicSettings#socketReceiveBuffer()}. */
    public Builder socketReceiveBuffer(int socketReceiveBuffer) {
      this.socketReceiveBuffer = socketReceiveBuffer;
      return this;
    }

    /** Sets {@link QuicSettings#socketSendBuffer()}. */
    public Builder socketSendBuffer(int socketSendBuffer) {
      this.socketSendBuffer = socketSendBuffer;
      return this;
    }

    /** Sets {@link QuicSettings#receiveRing()}. */
    public Builder receiveRing(int receiveRing) {
      this.receiveRing = receiveRing;
      return this;
    }

    /** Sets {@link QuicSettings#initialMtu()}. */
    public Builder initialMtu(int initialMtu) {
      this.initialMtu = initialMtu;
      return this;
    }

    /** Sets {@link QuicSettings#maxMtu()}. */
    public Builder maxMtu(int maxMtu) {
      this.maxMtu = maxMtu;
      return this;
    }

    /** Sets {@link QuicSettings#segmentationOffload()}. */
    public Builder segmentationOffload(boolean segmentationOffload) {
      this.segmentationOffload = segmentationOffload;
      return this;
    }

    /** Sets {@link QuicSettings#receiveOffload()}. */
    public Builder receiveOffload(boolean receiveOffload) {
      this.receiveOffload = receiveOffload;
      return this;
    }

    /** Sets {@link QuicSettings#maxCertificateChain()}. */
    public Builder maxCertificateChain(int maxCertificateChain) {
      this.maxCertificateChain = maxCertificateChain;
      return this;
    }

    /** Sets {@link QuicSettings#securityPolicy()}. */
    public Builder securityPolicy(String securityPolicy) {
      this.securityPolicy = Objects.requireNonNull(securityPolicy, "securityPolicy");
      return this;
    }

    private Builder copy() {
      try {
        return (Builder) clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }

    /** Makes the settings. */
    public QuicSettings build() {
      return new QuicSettings(this);
    }
  }
}
