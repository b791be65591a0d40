package rs.jetstream.benchmarks;

import static rs.jetstream.benchmarks.Protocol.require;
import static rs.jetstream.benchmarks.Protocol.requireCount;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/** The workloads on one connection of Netty's QUIC. */
final class NettyQuicWorkloads implements Workloads {
  private final EventLoopGroup loops;
  private final Channel socket;
  private final InetSocketAddress server;
  private final QuicChannel connection;

  NettyQuicWorkloads(EventLoopGroup loops, Channel socket, InetSocketAddress server)
      throws Exception {
    this.loops = loops;
    this.socket = socket;
    this.server = server;
    connection = open();
  }

  private QuicChannel open() throws Exception {
    return QuicChannel.newBootstrap(socket)
        .handler(new ChannelInboundHandlerAdapter())
        .streamHandler(new ChannelInboundHandlerAdapter())
        .option(
            QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, NettyQuicTransport.segments())
        .remoteAddress(server)
        .connect()
        .get();
  }

  /** Drops and counts what comes, or keeps the first bytes of it. */
  private static class Sink extends ChannelInboundHandlerAdapter {
    final byte[] kept = new byte[Protocol.CALL_SIZE];
    final Promise<Long> done;
    long received;
    private Netty.@Nullable Source source;

    Sink(Promise<Long> done) {
      this.done = done;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      NettyQuicTransport.readFrames(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
      QuicStreamFrame frame = (QuicStreamFrame) message;
      try {
        ByteBuf content = frame.content();
        int size = content.readableBytes();
        if (received < kept.length) {
          int piece = (int) Math.min(size, kept.length - received);
          content.getBytes(content.readerIndex(), kept, (int) received, piece);
        }
        received += size;
        if (frame.hasFin()) {
          end(context);
        }
      } finally {
        frame.release();
      }
    }

    void end(ChannelHandlerContext context) throws IOException {
      done.trySuccess(received);
    }

    void send(QuicStreamChannel channel, long bytes) {
      source = new Netty.Source();
      source.start(channel, bytes);
      pump(channel);
    }

    private void pump(Channel channel) {
      if (source != null && source.pump(channel)) {
        source = null;
        channel.writeAndFlush(QuicStreamFrame.EMPTY_FIN);
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (context.channel().isWritable()) {
        pump(context.channel());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      done.tryFailure(cause);
      context.close();
    }
  }

  /** A caller: when a call is answered, the next begins, on the event loop. */
  private static final class Caller extends Sink {
    private final QuicChannel connection;
    private final Latencies latencies;
    private final byte[] call = Protocol.call();
    private int index;
    private long start;

    Caller(QuicChannel connection, Latencies latencies, Promise<Long> done) {
      super(done);
      this.connection = connection;
      this.latencies = latencies;
    }

    @Override
    public boolean isSharable() {
      return true; // by one stream after the other
    }

    void next() {
      index = latencies.next();
      if (index < 0) {
        done.trySuccess(0L);
        return;
      }
      received = 0;
      start = System.nanoTime();
      connection
          .createStream(QuicStreamType.BIDIRECTIONAL, this)
          .addListener(opened -> {
            if (opened.isSuccess()) {
              ((QuicStreamChannel) opened.getNow()).writeAndFlush(NettyQuicTransport.call(call));
            } else {
              done.tryFailure(opened.cause());
            }
          });
    }

    @Override
    void end(ChannelHandlerContext context) throws IOException {
      require(
          received == call.length && Arrays.equals(call, kept), "the answer differs from the call");
      latencies.record(index, start);
      next();
    }
  }

  private long stream(byte kind, long bytes) throws Exception {
    Promise<Long> done = connection.eventLoop().newPromise();
    Netty.endsWith(connection, done);
    Sink sink = new Sink(done);
    QuicStreamChannel channel = connection.createStream(QuicStreamType.BIDIRECTIONAL, sink).get();
    channel
        .eventLoop()
        .execute(() -> {
          if (kind == Protocol.UPLOAD) {
            channel.write(channel.alloc().buffer(1).writeByte(kind));
            sink.send(channel, bytes);
          } else {
            ByteBuf request =
                channel.alloc().buffer(Protocol.REQUEST).writeByte(kind).writeLong(bytes);
            channel.writeAndFlush(new DefaultQuicStreamFrame(request, true));
          }
        });
    long received = done.get();
    return kind == Protocol.UPLOAD ? java.nio.ByteBuffer.wrap(sink.kept).getLong() : received;
  }

  @Override
  public void down(long bytes) throws Exception {
    requireCount(stream(Protocol.DOWNLOAD, bytes), bytes);
  }

  @Override
  public void up(long bytes) throws Exception {
    requireCount(stream(Protocol.UPLOAD, bytes), bytes);
  }

  @Override
  public void calls(Latencies latencies, int inFlight) throws Exception {
    Callers.all(Collections.nCopies(inFlight, connection), it -> calls(it, latencies));
  }

  private static void calls(QuicChannel connection, Latencies latencies) throws Exception {
    Promise<Long> done = connection.eventLoop().newPromise();
    Netty.endsWith(connection, done);
    Caller caller = new Caller(connection, latencies, done);
    connection.eventLoop().execute(caller::next);
    done.get();
  }

  @Override
  public void connections(Latencies latencies, int atOnce) throws Exception {
    Callers.run(
        latencies,
        atOnce,
        caller ->
            () -> {
              QuicChannel it = open();
              // A call that is answered says that the server took the certificate.
              calls(it, new Latencies(1));
              it.close().get();
            });
  }

  @Override
  public void close() {
    loops.shutdownGracefully();
  }
}
