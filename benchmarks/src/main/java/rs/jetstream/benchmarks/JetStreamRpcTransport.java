package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import rs.jetstream.quic.FrameReader;
import rs.jetstream.rpc.CallOptions;
import rs.jetstream.rpc.Dispatcher;
import rs.jetstream.rpc.JetStreamClient;
import rs.jetstream.rpc.JetStreamServer;

/**
 * RPC of this library: blocking stubs and handlers on virtual threads or, with {@link
 * Calls#INLINE}, asynchronous stubs and handlers on the endpoint's own; all calls on one lane.
 *
 * <p>Its defaults, but for the frame limit, which the largest message needs.
 */
final class JetStreamRpcTransport implements Transport {
  @Override
  @SuppressWarnings("MustBeClosedChecker") // closed with what is returned
  public Listening serve(Options options) throws IOException {
    Dispatcher echo =
        options.calls() == Calls.INLINE
            ? InlineEchoDispatcher.of(data -> data)
            : EchoDispatcher.of(data -> data);
    JetStreamServer server =
        JetStreamServer.builder()
            .quic(JetStreamTransport.server(options))
            .maxFrame(FrameReader.HARD_LIMIT)
            .service(echo)
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
    return new RpcWorkloads(client(options, server), options.calls());
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

  private record RpcWorkloads(JetStreamClient client, Calls calls) implements Workloads {
    @Override
    public void rpc(Latencies latencies, int inFlight, int size) throws Exception {
      MemorySegment request = Buffers.request(size);
      if (calls == Calls.INLINE) {
        CallOptions options = CallOptions.defaults().withCompletionAtOnce(true);
        InlineEchoAsyncClient echo =
            new InlineEchoAsyncClient(client.caller(InlineEchoService.DESCRIPTOR, options));
        InlineRpcCaller.run(latencies, inFlight, request, echo);
        return;
      }
      Echo echo = client.service(Echo.class);
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
