package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import rs.jetstream.quic.FrameReader;
import rs.jetstream.rpc.JetStreamClient;
import rs.jetstream.rpc.JetStreamServer;

/**
 * RPC of this library: blocking stubs on virtual threads, handlers as the server runs them; all
 * calls on one lane.
 *
 * <p>Its defaults, but for the frame limit, which the largest message needs.
 */
final class JetStreamRpcTransport implements Transport {
  @Override
  @SuppressWarnings("MustBeClosedChecker") // closed with what is returned
  public Listening serve(Options options) throws IOException {
    Echo echo = data -> data;
    JetStreamServer server =
        JetStreamServer.builder()
            .quic(JetStreamTransport.server(options))
            .maxFrame(FrameReader.HARD_LIMIT)
            .service(EchoDispatcher.of(echo))
            .open();
    return new Listening() {
      @Override
      public int port() {
        return server.localAddress().getPort();
      }

      @Override
      public void close() {
        server.close();
      }
    };
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // closed with the workloads
  public Workloads connect(Options options, InetSocketAddress server) throws IOException {
    return new RpcWorkloads(client(options, server));
  }

  /** A client of what {@link #serve} serves. */
  @SuppressWarnings("MustBeClosedChecker") // closed by who asked for it
  static JetStreamClient client(Options options, InetSocketAddress server) throws IOException {
    return JetStreamClient.builder()
        .quic(JetStreamTransport.client(options))
        .address("localhost", server.getPort())
        .maxFrame(FrameReader.HARD_LIMIT)
        .open();
  }

  private record RpcWorkloads(JetStreamClient client) implements Workloads {
    @Override
    public void rpc(Latencies latencies, int inFlight, int size) throws Exception {
      Echo echo = client.service(Echo.class);
      MemorySegment request = Buffers.request(size);
      Callers.run(
          latencies,
          inFlight,
          caller -> () -> Protocol.requireSame(echo.echo(request).mismatch(request) < 0));
    }

    @Override
    public void close() {
      client.close();
    }
  }
}
