package rs.jetstream.benchmarks;

import io.grpc.CallOptions;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * gRPC on Netty's epoll with BoringSSL, all on the event loop, as its own benchmarks run fastest:
 * direct executors, asynchronous stubs. Messages are bytes, without protobuf around them.
 */
final class GrpcTransport implements Transport {
  private static final int LARGEST = 32 << 20;

  private static final MethodDescriptor<byte[], byte[]> ECHO =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("echo.Echo/Echo")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  /** Bytes as they are. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new Message(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** What gRPC writes without a copy of its own. */
  private static final class Message extends ByteArrayInputStream
      implements Drainable, KnownLength {
    Message(byte[] bytes) {
      super(bytes);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int size = available();
      target.write(buf, pos, size);
      pos = count;
      return size;
    }
  }

  @Override
  public Listening serve(Options options) throws Exception {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("echo.Echo")
            .addMethod(
                ECHO,
                ServerCalls.asyncUnaryCall((byte[] request, StreamObserver<byte[]> answer) -> {
                  answer.onNext(request);
                  answer.onCompleted();
                }))
            .build();
    Server server =
        NettyServerBuilder.forAddress(Peer.anyPort())
            .sslContext(
                GrpcSslContexts.configure(
                        Tls.server(options, SslProvider.OPENSSL), SslProvider.OPENSSL)
                    .build())
            .directExecutor()
            .flowControlWindow((int) options.window())
            .maxInboundMessageSize(LARGEST)
            .addService(service)
            .build()
            .start();
    return new Listening() {
      @Override
      public int port() {
        return server.getPort();
      }

      @Override
      public void close() {
        server.shutdownNow();
      }
    };
  }

  @Override
  public Workloads connect(Options options, InetSocketAddress server) throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", server.getPort())
            .sslContext(
                GrpcSslContexts.configure(
                        Tls.client(options, SslProvider.OPENSSL), SslProvider.OPENSSL)
                    .build())
            .directExecutor()
            .flowControlWindow((int) options.window())
            .maxInboundMessageSize(LARGEST)
            .build();
    return new GrpcWorkloads(channel);
  }

  private record GrpcWorkloads(ManagedChannel channel) implements Workloads {
    @Override
    public void rpc(Latencies latencies, int inFlight, int size) throws Exception {
      byte[] request = Protocol.call(size);
      List<Caller> callers =
          IntStream.range(0, inFlight)
              .mapToObj(it -> new Caller(channel, latencies, request))
              .toList();
      callers.forEach(Caller::next);
      for (Caller caller : callers) {
        caller.done.get();
      }
    }

    @Override
    public void close() {
      channel.shutdownNow();
    }
  }

  /** Makes one call after the other, on the event loop. */
  private static final class Caller implements StreamObserver<byte[]> {
    final CompletableFuture<Void> done = new CompletableFuture<>();
    private final ManagedChannel channel;
    private final Latencies latencies;
    private final byte[] request;
    private boolean answered;
    private long start;

    Caller(ManagedChannel channel, Latencies latencies, byte[] request) {
      this.channel = channel;
      this.latencies = latencies;
      this.request = request;
    }

    void next() {
      if (!latencies.next()) {
        done.complete(null);
        return;
      }
      answered = false;
      start = System.nanoTime();
      ClientCalls.asyncUnaryCall(channel.newCall(ECHO, CallOptions.DEFAULT), request, this);
    }

    @Override
    public void onNext(byte[] answer) {
      answered = Arrays.equals(answer, request);
    }

    @Override
    public void onError(Throwable why) {
      done.completeExceptionally(why);
    }

    @Override
    public void onCompleted() {
      if (answered) {
        latencies.record(start);
        next();
      } else {
        done.completeExceptionally(new IOException("the answer differs from the call"));
      }
    }
  }
}
