package rs.jetstream.benchmarks;

import static rs.jetstream.benchmarks.Protocol.require;
import static rs.jetstream.benchmarks.Protocol.requireCount;
import static rs.jetstream.benchmarks.Protocol.requireSame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** The workloads on Netty's QUIC. */
final class NettyQuicWorkloads implements Workloads {
  private final EventLoopGroup loops;
  private final Channel socket;
  private final InetSocketAddress server;
  private final QuicChannel connection;
  private final List<QuicChannel> idle = new ArrayList<>();

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
  private static final class Sink extends ChannelInboundHandlerAdapter {
    final byte[] kept = new byte[Long.BYTES];
    final Promise<Long> done;
    long received;
    private final Netty.Source source = new Netty.Source();

    Sink(Promise<Long> done) {
      this.done = done;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      NettyQuicTransport.readFrames(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
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
          done.trySuccess(received);
        }
      } finally {
        frame.release();
      }
    }

    void send(QuicStreamChannel channel, long bytes) {
      endAfter(channel, source.start(channel, bytes));
    }

    private static void endAfter(Channel channel, boolean all) {
      if (all) {
        channel.writeAndFlush(QuicStreamFrame.EMPTY_FIN);
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (context.channel().isWritable()) {
        endAfter(context.channel(), source.pump(context.channel()));
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      done.tryFailure(cause);
      context.close();
    }
  }

  /** A caller: when a call is answered, the next begins, on the event loop. */
  private static final class Caller extends ChannelInboundHandlerAdapter {
    private final List<QuicChannel> connections;
    private final Latencies latencies;
    private final ByteBuf call;
    private final boolean onOneStream;
    private final Promise<Long> done;
    private int turn;
    private int received;
    private long start;

    /** Takes {@code connections}, which have one event loop, in turn. */
    Caller(
        List<QuicChannel> connections,
        Latencies latencies,
        ByteBuf call,
        boolean onOneStream,
        Promise<Long> done) {
      this.connections = connections;
      this.latencies = latencies;
      this.call = call;
      this.onOneStream = onOneStream;
      this.done = done;
    }

    @Override
    public boolean isSharable() {
      return true; // by one stream after the other
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      NettyQuicTransport.readFrames(context);
    }

    /** Begins the next call, on {@code stream} if there is to be one only. */
    void next(@Nullable Channel stream) {
      if (!latencies.next()) {
        if (stream != null && onOneStream) {
          stream.writeAndFlush(QuicStreamFrame.EMPTY_FIN);
        }
        done.trySuccess(0L);
        return;
      }
      received = 0;
      start = System.nanoTime();
      if (stream != null && onOneStream) {
        stream.writeAndFlush(NettyQuicTransport.call(call, false));
        return;
      }
      connections
          .get(turn++ % connections.size())
          .createStream(QuicStreamType.BIDIRECTIONAL, this)
          .addListener(opened -> {
            if (opened.isSuccess()) {
              ((QuicStreamChannel) opened.getNow())
                  .writeAndFlush(NettyQuicTransport.call(call, !onOneStream));
            } else {
              done.tryFailure(opened.cause());
            }
          });
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
      QuicStreamFrame frame = (QuicStreamFrame) message;
      try {
        ByteBuf content = frame.content();
        int size = content.readableBytes();
        requireSame(
            received + size <= call.readableBytes()
                && ByteBufUtil.equals(content, content.readerIndex(), call, received, size));
        received += size;
        boolean all = received == call.readableBytes();
        if (onOneStream ? all && size > 0 : frame.hasFin()) {
          require(all, "the answer is shorter than the call");
          latencies.record(start);
          next(context.channel());
        }
      } finally {
        frame.release();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      done.tryFailure(cause);
      context.close();
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
  public void down(long bytes, int streams) throws Exception {
    Callers.all(
        Callers.shares(bytes, streams),
        share -> requireCount(stream(Protocol.DOWNLOAD, share), share));
  }

  @Override
  public void up(long bytes, int streams) throws Exception {
    Callers.all(
        Callers.shares(bytes, streams),
        share -> requireCount(stream(Protocol.UPLOAD, share), share));
  }

  @Override
  public void calls(Latencies latencies, int inFlight, int size) throws Exception {
    calls(Collections.nCopies(inFlight, List.of(connection)), latencies, size, false);
  }

  @Override
  public void pingPong(Latencies latencies, int size) throws Exception {
    calls(List.of(List.of(connection)), latencies, size, true);
  }

  /** One caller for each of {@code callers}, which are the connections that it takes in turn. */
  private static void calls(
      List<List<QuicChannel>> callers, Latencies latencies, int size, boolean onOneStream)
      throws Exception {
    ByteBuf call = Unpooled.directBuffer(size).writeBytes(Protocol.call(size)).asReadOnly();
    try {
      Callers.all(
          callers,
          connections -> {
            QuicChannel first = connections.getFirst();
            Promise<Long> done = first.eventLoop().newPromise();
            connections.forEach(it -> Netty.endsWith(it, done));
            Caller caller = new Caller(connections, latencies, call, onOneStream, done);
            first.eventLoop().execute(() -> caller.next(null));
            done.get();
          });
    } finally {
      call.release();
    }
  }

  @Override
  public void connections(Latencies latencies, int atOnce) throws Exception {
    Callers.run(latencies, atOnce, caller -> () -> confirmed().close().get());
  }

  /** A call that is answered says that the server took the certificate. */
  private QuicChannel confirmed() throws Exception {
    QuicChannel it = open();
    calls(List.of(List.of(it)), Latencies.of(1), Protocol.CALL_SIZE, false);
    return it;
  }

  @Override
  public void idle(int count) throws Exception {
    if (count == 0) {
      Callers.all(idle, it -> it.close().get());
      idle.clear();
      return;
    }
    Queue<QuicChannel> opened = new ConcurrentLinkedQueue<>();
    try {
      Callers.repeat(count - idle.size(), () -> opened.add(confirmed()));
    } finally {
      idle.addAll(opened);
    }
  }

  @Override
  public void spread(Latencies latencies, int inFlight) throws Exception {
    // More callers than connections is possible: each call has a stream of its own.
    List<QuicChannel> most = new ArrayList<>(idle);
    while (!idle.isEmpty() && most.size() < inFlight) {
      most.addAll(idle);
    }
    calls(Callers.deal(most, inFlight), latencies, Protocol.CALL_SIZE, false);
  }

  @Override
  public void close() {
    loops.shutdownGracefully();
  }
}
