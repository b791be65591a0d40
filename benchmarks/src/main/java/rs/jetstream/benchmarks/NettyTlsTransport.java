package rs.jetstream.benchmarks;

import static rs.jetstream.benchmarks.Protocol.requireCount;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Netty's TLS over TCP with BoringSSL, on epoll; all on the event loop.
 *
 * <p>A TCP connection is one stream; what is said on it is as with {@link JdkTlsTransport}.
 */
final class NettyTlsTransport implements Transport {
  @Override
  public Listening serve(Options options) throws Exception {
    SslContext context = Tls.server(options, SslProvider.OPENSSL).build();
    EventLoopGroup loops = Netty.loops();
    Channel listener =
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_SNDBUF, options.socketBuffer())
            .childOption(ChannelOption.SO_RCVBUF, options.socketBuffer())
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(context.newHandler(channel.alloc()), new Answers());
                  }
                })
            .bind(Peer.anyPort())
            .sync()
            .channel();
    return new Listening() {
      @Override
      public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
      }

      @Override
      public void close() {
        loops.shutdownGracefully();
      }
    };
  }

  @Override
  public Workloads connect(Options options, InetSocketAddress server) throws Exception {
    return new NettyTlsWorkloads(options, server);
  }

  /** What the server answers. */
  private static final class Answers extends Netty.Bytes {
    private final byte[] request = new byte[Protocol.CALL_SIZE];
    private final Netty.Source source = new Netty.Source();
    private int length;
    private long uploading;
    private long uploaded;

    @Override
    void bytes(ChannelHandlerContext context, ByteBuf bytes) {
      while (bytes.isReadable()) {
        if (uploading > 0) {
          int piece = (int) Math.min(uploading, bytes.readableBytes());
          bytes.skipBytes(piece);
          uploading -= piece;
          if (uploading == 0) {
            context.writeAndFlush(context.alloc().buffer(Long.BYTES).writeLong(uploaded));
          }
          continue;
        }
        if (length == 0) {
          request[length++] = bytes.readByte();
        }
        int wanted = request[0] == Protocol.ECHO ? Protocol.CALL_SIZE : Protocol.REQUEST;
        int piece = Math.min(wanted - length, bytes.readableBytes());
        bytes.readBytes(request, length, piece);
        length += piece;
        if (length == wanted) {
          length = 0;
          answer(context);
        }
      }
    }

    private void answer(ChannelHandlerContext context) {
      switch (request[0]) {
        case Protocol.ECHO ->
            context.writeAndFlush(context.alloc().buffer(request.length).writeBytes(request));
        case Protocol.DOWNLOAD ->
            source.start(context.channel(), ByteBuffer.wrap(request).getLong(1));
        case Protocol.UPLOAD -> uploading = uploaded = ByteBuffer.wrap(request).getLong(1);
        default -> context.close();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (context.channel().isWritable()) {
        source.pump(context.channel());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // The client sees it.
      context.close();
    }
  }

  /** A connection of the client: what is expected next, and who waits for it. */
  private static final class Pipe extends Netty.Bytes {
    private final byte[] call = Protocol.call();
    private final byte[] answer = new byte[call.length];
    private final Netty.Source source = new Netty.Source();
    private int length;
    private long expected;
    private @Nullable Promise<Long> done;
    private @Nullable Latencies latencies;
    private int index;
    private long start;

    /** What the event loop is asked to begin. */
    void receive(Promise<Long> promise, long bytes) {
      done = promise;
      expected = bytes;
      length = 0;
      latencies = null;
    }

    void next(ChannelHandlerContext context, Latencies of, Promise<Long> promise) {
      done = promise;
      latencies = of;
      index = of.next();
      if (index < 0) {
        promise.trySuccess(0L);
        return;
      }
      length = 0;
      start = System.nanoTime();
      context.writeAndFlush(Unpooled.wrappedBuffer(call));
    }

    @Override
    void bytes(ChannelHandlerContext context, ByteBuf bytes) throws IOException {
      Promise<Long> promise = done;
      if (promise == null) {
        throw new IOException("nothing was asked for");
      }
      Latencies of = latencies;
      if (of != null) {
        int piece = Math.min(bytes.readableBytes(), answer.length - length);
        bytes.readBytes(answer, length, piece);
        length += piece;
        if (length == answer.length) {
          Protocol.require(Arrays.equals(call, answer), "the answer differs from the call");
          of.record(index, start);
          next(context, of, promise);
        }
      } else if (expected > Long.BYTES) {
        expected -= bytes.readableBytes();
        if (expected == 0) {
          promise.trySuccess(0L);
        }
      } else {
        int piece = Math.min(bytes.readableBytes(), Long.BYTES - length);
        bytes.readBytes(answer, length, piece);
        length += piece;
        if (length == Long.BYTES) {
          promise.trySuccess(ByteBuffer.wrap(answer).getLong());
        }
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (context.channel().isWritable()) {
        source.pump(context.channel());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (done != null) {
        done.tryFailure(cause);
      }
      context.close();
    }
  }

  private static final class NettyTlsWorkloads implements Workloads {
    private final EventLoopGroup loops = Netty.loops();
    private final Bootstrap bootstrap;
    private final List<Channel> idle = new ArrayList<>();

    NettyTlsWorkloads(Options options, InetSocketAddress server) throws Exception {
      SslContext context = Tls.client(options, SslProvider.OPENSSL).build();
      bootstrap =
          new Bootstrap()
              .group(loops)
              .channel(EpollSocketChannel.class)
              .option(ChannelOption.TCP_NODELAY, true)
              .option(ChannelOption.SO_SNDBUF, options.socketBuffer())
              .option(ChannelOption.SO_RCVBUF, options.socketBuffer())
              .remoteAddress(server)
              .handler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      ChannelHandler tls = context.newHandler(channel.alloc(), "localhost", 0);
                      SSLEngine engine = ((SslHandler) tls).engine();
                      SSLParameters parameters = engine.getSSLParameters();
                      parameters.setEndpointIdentificationAlgorithm("HTTPS");
                      engine.setSSLParameters(parameters);
                      channel.pipeline().addLast(tls, new Pipe());
                    }
                  });
    }

    private Channel take() throws Exception {
      return idle.isEmpty() ? open() : idle.removeLast();
    }

    private Channel open() throws Exception {
      Channel channel = bootstrap.connect().sync().channel();
      channel.pipeline().get(SslHandler.class).handshakeFuture().sync();
      return channel;
    }

    /** Runs on the channel's event loop, and waits until the promise is kept. */
    private static long wait(Channel channel, Task task) throws Exception {
      Promise<Long> promise = channel.eventLoop().newPromise();
      Netty.endsWith(channel, promise);
      channel.eventLoop().execute(() -> task.run(channel.pipeline().context(Pipe.class), promise));
      return promise.get();
    }

    private interface Task {
      void run(ChannelHandlerContext context, Promise<Long> promise);
    }

    private static ByteBuf request(Channel channel, byte kind, long bytes) {
      return channel.alloc().buffer(Protocol.REQUEST).writeByte(kind).writeLong(bytes);
    }

    @Override
    public void down(long bytes) throws Exception {
      Channel channel = take();
      wait(
          channel,
          (context, promise) -> {
            ((Pipe) context.handler()).receive(promise, bytes);
            context.writeAndFlush(request(channel, Protocol.DOWNLOAD, bytes));
          });
      idle.add(channel);
    }

    @Override
    public void up(long bytes) throws Exception {
      Channel channel = take();
      long counted =
          wait(
              channel,
              (context, promise) -> {
                Pipe pipe = (Pipe) context.handler();
                pipe.receive(promise, Long.BYTES);
                context.write(request(channel, Protocol.UPLOAD, bytes));
                pipe.source.start(channel, bytes);
              });
      requireCount(counted, bytes);
      idle.add(channel);
    }

    @Override
    public void calls(Latencies latencies, int inFlight) throws Exception {
      List<Channel> used = new ArrayList<>();
      while (used.size() < inFlight) {
        used.add(take());
      }
      Callers.all(
          used,
          channel ->
              wait(
                  channel,
                  (context, promise) ->
                      ((Pipe) context.handler()).next(context, latencies, promise)));
      idle.addAll(used);
    }

    @Override
    public void connections(Latencies latencies, int atOnce) throws Exception {
      Callers.run(
          latencies,
          atOnce,
          caller ->
              () -> {
                Channel channel = open();
                // A call that is answered says that the server took the certificate.
                wait(
                    channel,
                    (context, promise) ->
                        ((Pipe) context.handler()).next(context, new Latencies(1), promise));
                channel.close().sync();
              });
    }

    @Override
    public void close() {
      loops.shutdownGracefully();
    }
  }
}
