package rs.jetstream.quic;

import rs.jetstream.ffi.NativeConfig;

/**
 * Whom a server lets in, before there is a connection. Every limit is finite; 0 means 0.
 *
 * <p>They are enforced natively, for each client's first packet, whether it carries the token of a
 * Retry or not; over all sockets of a server together. Refused attempts are counted by the limit
 * that was reached: {@link EndpointStatistics#refused()}.
 *
 * <p>Immutable; any thread. Values are checked when a server is opened with them: one that is out
 * of its range is an {@link IllegalArgumentException} that names it.
 *
 * {@snippet :
 * ServerLimits limits = ServerLimits.builder().maxConnections(1000).retryAbove(0).build();
 * }
 */
// r[impl security.1.19]
// r[impl security.1.25]
public final class ServerLimits {
  private static final ServerLimits DEFAULTS = builder().build();

  private final long maxConnections;
  private final long maxConnectionsPerSource;
  private final long maxHandshakes;
  private final long retryAbove;
  private final long maxUnaccepted;
  private final long connectionsPerSecond;
  private final long connectionsPerSecondPerSource;
  private final long maxNativeBytes;

  private ServerLimits(Builder builder) {
    maxConnections = builder.maxConnections;
    maxConnectionsPerSource = builder.maxConnectionsPerSource;
    maxHandshakes = builder.maxHandshakes;
    retryAbove = builder.retryAbove;
    maxUnaccepted = builder.maxUnaccepted;
    connectionsPerSecond = builder.connectionsPerSecond;
    connectionsPerSecondPerSource = builder.connectionsPerSecondPerSource;
    maxNativeBytes = builder.maxNativeBytes;
  }

  /** All defaults. */
  public static ServerLimits defaults() {
    return DEFAULTS;
  }

  /** A builder that begins with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that begins with these limits. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.maxConnections = maxConnections;
    builder.maxConnectionsPerSource = maxConnectionsPerSource;
    builder.maxHandshakes = maxHandshakes;
    builder.retryAbove = retryAbove;
    builder.maxUnaccepted = maxUnaccepted;
    builder.connectionsPerSecond = connectionsPerSecond;
    builder.connectionsPerSecondPerSource = connectionsPerSecondPerSource;
    builder.maxNativeBytes = maxNativeBytes;
    return builder;
  }

  /** Connections at once. Default 100,000. */
  public long maxConnections() {
    return maxConnections;
  }

  /**
   * Connections at once with one source: one IPv4 address, or one /64 of IPv6 addresses, which is
   * what one subscriber has at least. Default 20,000.
   */
  public long maxConnectionsPerSource() {
    return maxConnectionsPerSource;
  }

  /** Handshakes under way at once; a half-open one holds about 54 KiB. Default 1,024. */
  public long maxHandshakes() {
    return maxHandshakes;
  }

  /**
   * Handshakes under way above which clients prove their address by a Retry (RFC 9000 section
   * 8.1.2), which costs them a round trip and the server nothing; 0 is always. Default 256.
   */
  public long retryAbove() {
    return retryAbove;
  }

  /**
   * Handshakes under way, and connections that nobody has accepted yet, together. Default 4,096.
   */
  public long maxUnaccepted() {
    return maxUnaccepted;
  }

  /**
   * New connections per second, and as many at once. Above it clients prove their address first,
   * and those who have done so may come at this rate again: who forges addresses cannot use it up
   * for others. Default 20,000; up to 10^9.
   */
  public long connectionsPerSecond() {
    return connectionsPerSecond;
  }

  /** The same for one source. Default 5,000. */
  public long connectionsPerSecondPerSource() {
    return connectionsPerSecondPerSource;
  }

  /**
   * Native memory, as {@link JetStreamLibrary#counters()} tells it for the whole process, above
   * which no new connection is let in. Default 4 GiB; up to 2^60.
   */
  public long maxNativeBytes() {
    return maxNativeBytes;
  }

  void applyTo(NativeConfig config) {
    config
        .connections(maxConnections, maxConnectionsPerSource, maxUnaccepted)
        .handshakes(maxHandshakes, retryAbove)
        .connectionRates(connectionsPerSecond, connectionsPerSecondPerSource)
        .maxNativeBytes(maxNativeBytes);
  }

  /** Begins with the defaults; not for several threads. */
  public static final class Builder {
    private long maxConnections = 100_000;
    private long maxConnectionsPerSource = 20_000;
    private long maxHandshakes = 1024;
    private long retryAbove = 256;
    private long maxUnaccepted = 4096;
    private long connectionsPerSecond = 20_000;
    private long connectionsPerSecondPerSource = 5000;
    private long maxNativeBytes = 4L << 30;

    private Builder() {}

    /** Sets {@link ServerLimits#maxConnections()}. */
    public Builder maxConnections(long maxConnections) {
      this.maxConnections = maxConnections;
      return this;
    }

    /** Sets {@link ServerLimits#maxConnectionsPerSource()}. */
    public Builder maxConnectionsPerSource(long maxConnectionsPerSource) {
      this.maxConnectionsPerSource = maxConnectionsPerSource;
      return this;
    }

    /** Sets {@link ServerLimits#maxHandshakes()}. */
    public Builder maxHandshakes(long maxHandshakes) {
      this.maxHandshakes = maxHandshakes;
      return this;
    }

    /** Sets {@link ServerLimits#retryAbove()}. */
    public Builder retryAbove(long retryAbove) {
      this.retryAbove = retryAbove;
      return this;
    }

    /** Sets {@link ServerLimits#maxUnaccepted()}. */
    public Builder maxUnaccepted(long maxUnaccepted) {
      this.maxUnaccepted = maxUnaccepted;
      return this;
    }

    /** Sets {@link ServerLimits#connectionsPerSecond()}. */
    public Builder connectionsPerSecond(long connectionsPerSecond) {
      this.connectionsPerSecond = connectionsPerSecond;
      return this;
    }

    /** Sets {@link ServerLimits#connectionsPerSecondPerSource()}. */
    public Builder connectionsPerSecondPerSource(long connectionsPerSecondPerSource) {
      this.connectionsPerSecondPerSource = connectionsPerSecondPerSource;
      return this;
    }

    /** Sets {@link ServerLimits#maxNativeBytes()}. */
    public Builder maxNativeBytes(long maxNativeBytes) {
      this.maxNativeBytes = maxNativeBytes;
      return this;
    }

    /** The limits. */
    public ServerLimits build() {
      return new ServerLimits(this);
    }
  }
}
