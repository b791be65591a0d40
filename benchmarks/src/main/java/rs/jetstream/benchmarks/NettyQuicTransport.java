package rs.jetstream.benchmarks;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicCongestionControlAlgorithm;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamFrame;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.handler.ssl.ClientAuth;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * Netty's QUIC, which is quiche with BoringSSL, on epoll with GSO and GRO; all on the event loop.
 */
final class NettyQuicTransport implements Transport {
  /** Packets that leave in one system call, as many as with s2n-quic. */
  private static final int SEGMENTS = 10;

  /** A stream that is over the limit is refused at once here, where others wait. */
  private static final int FEWEST_STREAMS = 10_000;

  /** A batch of packets that the kernel has put together. */
  private static final int LARGEST_DATAGRAM = 65_535;

  @Override
  public Listening serve(Options options) throws Exception {
    QuicSslContextBuilder tls =
        QuicSslContextBuilder.forServer(Tls.file(options, "key"), null, Tls.file(options, "cert"))
            .applicationProtocols(Protocol.ALPN);
    offer(tls, options);
    if (options.asksForClientCertificates()) {
      tls.trustManager(Tls.file(options, "client-ca")).clientAuth(ClientAuth.REQUIRE);
    }
    QuicServerCodecBuilder codec =
        configure(new QuicServerCodecBuilder(), options, tls.build())
            .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, segments())
            .handler(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public boolean isSharable() {
                    return true;
                  }
                })
            .streamHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Answers());
                  }
                });
    EventLoopGroup loops = Netty.loops();
    Channel socket = bind(loops, options, codec.build());
    return new Listening() {
      @Override
      public int port() {
        return ((InetSocketAddress) socket.localAddress()).getPort();
      }

      @Override
      public void close() {
        loops.shutdownGracefully();
      }
    };
  }

  @Override
  public Workloads connect(Options options, InetSocketAddress server) throws Exception {
    QuicSslContextBuilder builder =
        QuicSslContextBuilder.forClient()
            .keyManager(Tls.file(options, "key"), null, Tls.file(options, "cert"))
            .trustManager(Tls.file(options, "ca"))
            .applicationProtocols(Protocol.ALPN);
    offer(builder, options);
    QuicSslContext tls = builder.build();
    EventLoopGroup loops = Netty.loops();
    QuicClientCodecBuilder codec =
        configure(new QuicClientCodecBuilder(), options, tls)
            .sslEngineProvider(channel -> tls.newEngine(channel.alloc(), "localhost", 0));
    return new NettyQuicWorkloads(loops, bind(loops, options, codec.build()), server);
  }

  private static void offer(QuicSslContextBuilder tls, Options options) {
    if (options.groups() != Groups.DEFAULT) {
      tls.option(BoringSSLContextOption.GROUPS, options.groups().names());
    }
  }

  /** What the other transports have, too. */
  private static <B extends QuicCodecBuilder<B>> B configure(
      B codec, Options options, QuicSslContext tls) {
    int payload = options.mtu() - 28; // without the headers of IPv4 and UDP
    return codec
        .sslContext(tls)
        // It has no keep-alive, and its connections are idle while others take their turn.
        .maxIdleTimeout(1, TimeUnit.HOURS)
        .maxSendUdpPayloadSize(payload)
        .maxRecvUdpPayloadSize(payload)
        .initialMaxData(options.window())
        .initialMaxStreamDataBidirectionalLocal(options.window())
        .initialMaxStreamDataBidirectionalRemote(options.window())
        .initialMaxStreamsBidirectional(Math.max(options.streams(), FEWEST_STREAMS))
        .congestionControlAlgorithm(QuicCongestionControlAlgorithm.CUBIC);
  }

  private static Channel bind(EventLoopGroup loops, Options options, ChannelHandler codec)
      throws InterruptedException {
    return new Bootstrap()
        .group(loops)
        .channel(EpollDatagramChannel.class)
        .option(ChannelOption.SO_RCVBUF, options.socketBuffer())
        .option(ChannelOption.SO_SNDBUF, options.socketBuffer())
        .option(EpollChannelOption.UDP_GRO, true)
        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(LARGEST_DATAGRAM))
        .handler(codec)
        .bind(Peer.anyPort())
        .sync()
        .channel();
  }

  /** What the server answers on one stream. */
  private static final class Answers extends ChannelInboundHandlerAdapter {
    private final byte[] request = new byte[Protocol.REQUEST];
    private int length;
    private byte kind;
    private long uploaded;
    private final Netty.Source source = new Netty.Source();

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      readFrames(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      QuicStreamFrame frame = (QuicStreamFrame) message;
      ByteBuf content = frame.content();
      if (kind == 0 && content.isReadable()) {
        kind = content.getByte(content.readerIndex());
      }
      if (kind == Protocol.ECHO) {
        context.writeAndFlush(frame);
        return;
      }
      try {
        if (kind == Protocol.UPLOAD) {
          uploaded += content.readableBytes();
          if (frame.hasFin()) {
            ByteBuf count = context.alloc().buffer(Long.BYTES).writeLong(uploaded - 1);
            context.writeAndFlush(new DefaultQuicStreamFrame(count, true));
          }
        } else if (kind == Protocol.DOWNLOAD) {
          int piece = Math.min(content.readableBytes(), request.length - length);
          content.readBytes(request, length, piece);
          length += piece;
          if (frame.hasFin()) {
            long bytes = ByteBuffer.wrap(request).getLong(1);
            endAfter(context, source.start(context.channel(), bytes));
          }
        } else {
          context.close();
        }
      } finally {
        frame.release();
      }
    }

    private static void endAfter(ChannelHandlerContext context, boolean all) {
      if (all) {
        context.writeAndFlush(QuicStreamFrame.EMPTY_FIN);
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (context.channel().isWritable()) {
        endAfter(context, source.pump(context.channel()));
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // The client sees it.
      context.close();
    }
  }

  /** Sends batches of packets. */
  static SegmentedDatagramPacketAllocator segments() {
    return EpollQuicUtils.newSegmentedAllocator(SEGMENTS);
  }

  /** Has the end of a stream told with the bytes before it. */
  static void readFrames(ChannelHandlerContext context) {
    ((QuicStreamChannel) context.channel()).config().setReadFrames(true);
  }

  /** A call's bytes, and the end after them where it is one. */
  static QuicStreamFrame call(ByteBuf call, boolean end) {
    return new DefaultQuicStreamFrame(call.retainedDuplicate(), end);
  }
}
