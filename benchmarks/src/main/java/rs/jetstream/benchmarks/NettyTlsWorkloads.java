package rs.jetstream.benchmarks;

import static rs.jetstream.benchmarks.Protocol.requireCount;
import static rs.jetstream.benchmarks.Protocol.requireSame;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** The workloads on TCP connections of {@link NettyTlsTransport}. */
final class NettyTlsWorkloads implements Workloads {
  private final EventLoopGroup loops;
  private final Bootstrap bootstrap;
  private final Deque<Channel> free = new ConcurrentLinkedDeque<>();
  private final List<Channel> idle = new ArrayList<>();

  NettyTlsWorkloads(EventLoopGroup loops, Bootstrap bootstrap) {
    this.loops = loops;
    this.bootstrap = bootstrap;
  }

  /** A connection of the client: what is expected next, and who waits for it. */
  static final class Pipe extends Netty.Bytes {
    private final byte[] count = new byte[Long.BYTES];
    private final Netty.Source source = new Netty.Source();
    private int length;
    private long expected;
    private @Nullable Promise<Long> done;
    private @Nullable Caller caller;

    /** What the event loop is asked to begin: bytes that are dropped, or a count. */
    void receive(Promise<Long> promise, long bytes) {
      done = promise;
      expected = bytes;
      length = 0;
      caller = null;
    }

    void call(Caller by) {
      caller = by;
      done = by.done;
    }

    @Override
    void bytes(ChannelHandlerContext context, ByteBuf bytes) throws IOException {
      Promise<Long> promise = done;
      if (promise == null) {
        throw new IOException("nothing was asked for");
      }
      Caller by = caller;
      if (by != null) {
        by.take(bytes);
      } else if (expected > Long.BYTES) {
        expected -= bytes.readableBytes();
        if (expected == 0) {
          promise.trySuccess(0L);
        }
      } else {
        int piece = Math.min(bytes.readableBytes(), Long.BYTES - length);
        bytes.readBytes(count, length, piece);
        length += piece;
        if (length == Long.BYTES) {
          promise.trySuccess(ByteBuffer.wrap(count).getLong());
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

  /** Makes one call after the other on some connections in turn, each on its event loop. */
  static final class Caller {
    private final List<Channel> channels;
    private final Latencies latencies;
    private final ByteBuf message;
    private final ByteBuf answer;
    final Promise<Long> done;
    private int turn;
    private int received;
    private long start;

    Caller(List<Channel> channels, Latencies latencies, ByteBuf message, int size) {
      this.channels = channels;
      this.latencies = latencies;
      this.message = message;
      answer = message.slice(message.readableBytes() - size, size);
      done = channels.getFirst().eventLoop().newPromise();
    }

    void next() {
      if (!latencies.next()) {
        done.trySuccess(0L);
        return;
      }
      received = 0;
      start = System.nanoTime();
      Channel channel = channels.get(turn++ % channels.size());
      if (channel.eventLoop().inEventLoop()) {
        send(channel);
      } else {
        channel.eventLoop().execute(() -> send(channel));
      }
    }

    private void send(Channel channel) {
      channel.pipeline().get(Pipe.class).call(this);
      channel.writeAndFlush(message.retainedDuplicate());
    }

    void take(ByteBuf bytes) throws IOException {
      int size = bytes.readableBytes();
      requireSame(
          received + size <= answer.readableBytes()
              && ByteBufUtil.equals(bytes, bytes.readerIndex(), answer, received, size));
      received += size;
      if (received == answer.readableBytes()) {
        latencies.record(start);
        next();
      }
    }
  }

  private Channel take() throws Exception {
    Channel channel = free.poll();
    return channel != null ? channel : open();
  }

  private Channel open() throws Exception {
    Channel channel = bootstrap.connect().sync().channel();
    channel.pipeline().get(SslHandler.class).handshakeFuture().sync();
    return channel;
  }

  /** A call that is answered says that the server took the certificate. */
  private Channel confirmed() throws Exception {
    Channel channel = open();
    calls(List.of(List.of(channel)), Latencies.of(1), Protocol.CALL_SIZE);
    return channel;
  }

  private interface Task {
    void run(Pipe pipe, Promise<Long> promise);
  }

  /** Runs on the channel's event loop, and waits until the promise is kept. */
  private static long wait(Channel channel, Task task) throws Exception {
    Promise<Long> promise = channel.eventLoop().newPromise();
    Netty.endsWith(channel, promise);
    channel.eventLoop().execute(() -> task.run(channel.pipeline().get(Pipe.class), promise));
    return promise.get();
  }

  private static ByteBuf request(Channel channel, byte kind, long bytes) {
    return channel.alloc().buffer(Protocol.REQUEST).writeByte(kind).writeLong(bytes);
  }

  @Override
  public void down(long bytes, int streams) throws Exception {
    Callers.all(Callers.shares(bytes, streams), this::down);
  }

  private void down(long bytes) throws Exception {
    Channel channel = take();
    wait(
        channel,
        (pipe, promise) -> {
          pipe.receive(promise, bytes);
          channel.writeAndFlush(request(channel, Protocol.DOWNLOAD, bytes));
        });
    free.push(channel);
  }

  @Override
  public void up(long bytes, int streams) throws Exception {
    Callers.all(Callers.shares(bytes, streams), this::up);
  }

  private void up(long bytes) throws Exception {
    Channel channel = take();
    long counted =
        wait(
            channel,
            (pipe, promise) -> {
              pipe.receive(promise, Long.BYTES);
              channel.write(request(channel, Protocol.UPLOAD, bytes));
              pipe.source.start(channel, bytes);
            });
    requireCount(counted, bytes);
    free.push(channel);
  }

  @Override
  public void calls(Latencies latencies, int inFlight, int size) throws Exception {
    List<List<Channel>> used = new ArrayList<>();
    while (used.size() < inFlight) {
      used.add(List.of(take()));
    }
    calls(used, latencies, size);
    used.forEach(free::addAll);
  }

  @Override
  public void pingPong(Latencies latencies, int size) throws Exception {
    calls(latencies, 1, size);
  }

  /** One caller for each of {@code callers}, which are its connections. */
  private static void calls(List<List<Channel>> callers, Latencies latencies, int size)
      throws Exception {
    ByteBuf message = Unpooled.directBuffer(Protocol.REQUEST + size);
    if (size > Protocol.CALL_SIZE) {
      message.writeByte(Protocol.SIZED_ECHO).writeLong(size);
    }
    message.writeBytes(Protocol.call(size));
    try {
      Callers.all(
          callers,
          channels -> {
            Caller caller = new Caller(channels, latencies, message, size);
            channels.forEach(it -> Netty.endsWith(it, caller.done));
            channels.getFirst().eventLoop().execute(caller::next);
            caller.done.get();
          });
    } finally {
      message.release();
    }
  }

  @Override
  public void connections(Latencies latencies, int atOnce) throws Exception {
    Callers.run(latencies, atOnce, caller -> () -> confirmed().close().sync());
  }

  @Override
  public void idle(int count) throws Exception {
    if (count == 0) {
      closeAll(idle);
      return;
    }
    Queue<Channel> opened = new ConcurrentLinkedQueue<>();
    try {
      Callers.repeat(count - idle.size(), () -> opened.add(confirmed()));
    } finally {
      idle.addAll(opened);
    }
  }

  private static void closeAll(Collection<Channel> channels) throws Exception {
    for (Channel channel : channels) {
      channel.close().sync();
    }
    channels.clear();
  }

  @Override
  public void spread(Latencies latencies, int inFlight) throws Exception {
    calls(Callers.deal(idle, inFlight), latencies, Protocol.CALL_SIZE);
  }

  @Override
  public void close() {
    loops.shutdownGracefully();
  }
}
