package rs.jetstream.benchmarks;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Netty's TLS over TCP, by BoringSSL or by the JDK's engine, on epoll; all on the event loop.
 *
 * <p>A TCP connection is one stream; what is said on it is as with {@link JdkTlsTransport}.
 */
final class NettyTlsTransport implements Transport {
  private final SslProvider provider;

  NettyTlsTransport(SslProvider provider) {
    this.provider = provider;
  }

  @Override
  public Listening serve(Options options) throws Exception {
    SslContext context = Tls.server(options, provider).build();
    String[] jdkGroups = jdkGroups(options);
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
                    SslHandler tls = context.newHandler(channel.alloc());
                    configure(tls.engine(), jdkGroups, null);
                    channel.pipeline().addLast(tls, new Answers());
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
    SslContext context = Tls.client(options, provider).build();
    String[] jdkGroups = jdkGroups(options);
    EventLoopGroup loops = Netty.loops();
    Bootstrap bootstrap =
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
                    SslHandler tls = context.newHandler(channel.alloc(), "localhost", 0);
                    configure(tls.engine(), jdkGroups, "HTTPS");
                    channel.pipeline().addLast(tls, new NettyTlsWorkloads.Pipe());
                  }
                });
    return new NettyTlsWorkloads(loops, bootstrap);
  }

  /** What the JDK's engine is told of the key exchange; BoringSSL has heard it from the context. */
  private String[] jdkGroups(Options options) throws Unsupported {
    return provider == SslProvider.JDK ? options.groups().jdkNames() : new String[0];
  }

  private static void configure(
      SSLEngine engine, String[] jdkGroups, @Nullable String identification) {
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm(identification);
    if (jdkGroups.length > 0) {
      parameters.setNamedGroups(jdkGroups);
    }
    engine.setSSLParameters(parameters);
  }

  /** What the server answers. */
  private static final class Answers extends Netty.Bytes {
    private final byte[] request = new byte[Protocol.CALL_SIZE];
    private final Netty.Source source = new Netty.Source();
    private int length;
    private long uploading;
    private long uploaded;
    private long echoing;

    @Override
    void bytes(ChannelHandlerContext context, ByteBuf bytes) {
      while (bytes.isReadable()) {
        if (echoing > 0) {
          int piece = (int) Math.min(echoing, bytes.readableBytes());
          context.writeAndFlush(bytes.readRetainedSlice(piece));
          echoing -= piece;
          continue;
        }
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
        case Protocol.SIZED_ECHO -> echoing = ByteBuffer.wrap(request).getLong(1);
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
}
