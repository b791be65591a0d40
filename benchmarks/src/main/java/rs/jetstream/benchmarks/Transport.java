package rs.jetstream.benchmarks;

import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/** A transport that is measured: how its server and its client are made. */
interface Transport {
  /** A server that answers on any port of the loopback, until it is closed. */
  Listening serve(Options options) throws Exception;

  /** A client that is connected, and warm enough to be told what to do. */
  Workloads connect(Options options, InetSocketAddress server) throws Exception;

  /** How long a workload may take before its peer is given up. */
  default Duration patience() {
    return Duration.ofDays(1);
  }

  /** A server. */
  interface Listening extends AutoCloseable {
    /** Its port on the loopback. */
    int port();

    @Override
    void close() throws IOException;
  }

  /** The transport that goes by {@code name} on the command line. */
  static Transport named(String name) {
    return switch (name) {
      case "jetstream" -> new JetStreamTransport();
      case "jetstream-rpc" -> new JetStreamRpcTransport();
      case "grpc" -> new GrpcTransport();
      case "jdk-tls" -> new JdkTlsTransport();
      case "netty-tls" -> new NettyTlsTransport(SslProvider.OPENSSL);
      case "netty-jdk-tls" -> new NettyTlsTransport(SslProvider.JDK);
      case "netty-quic" -> new NettyQuicTransport();
      case "kwik" -> new KwikTransport();
      default -> throw new IllegalArgumentException("there is no transport " + name);
    };
  }
}
