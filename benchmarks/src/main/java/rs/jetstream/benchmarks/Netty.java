package rs.jetstream.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.Promise;
import java.io.EOFException;
import java.io.IOException;

/** What the transports by Netty share: event loops on epoll, and handlers of bytes. */
final class Netty {
  /** What bulk data is written in; the same bytes again and again, none of them copied. */
  static final int CHUNK = 64 << 10;

  private Netty() {}

  /** As many threads as Netty's default. */
  static EventLoopGroup loops() {
    return new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory());
  }

  private static final ByteBuf ZEROS =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer(CHUNK, CHUNK).writeZero(CHUNK));

  /** Handles bytes as they come. Event loop's thread only. */
  abstract static class Bytes extends ChannelInboundHandlerAdapter {
    /** Takes what it can from {@code bytes}, which are released after it. */
    abstract void bytes(ChannelHandlerContext context, ByteBuf bytes) throws IOException;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
      ByteBuf bytes = (ByteBuf) message;
      try {
        bytes(context, bytes);
      } finally {
        bytes.release();
      }
    }
  }

  /** Sends many bytes, as many at a time as the channel takes. */
  static final class Source {
    private long left;
    private boolean sending;

    /** Begins; with what {@link #pump} says. */
    boolean start(Channel channel, long bytes) {
      left = bytes;
      sending = true;
      return pump(channel);
    }

    /** Goes on; whether all was written now, and not before. */
    boolean pump(Channel channel) {
      if (!sending) {
        return false;
      }
      while (left > 0 && channel.isWritable()) {
        int piece = (int) Math.min(left, CHUNK);
        left -= piece;
        channel.write(ZEROS.retainedSlice(0, piece));
      }
      channel.flush();
      sending = left > 0;
      return !sending;
    }
  }

  /** Fails {@code promise} when its channel ends before it is done. */
  static void endsWith(Channel channel, Promise<?> promise) {
    channel
        .closeFuture()
        .addListener(closed -> promise.tryFailure(new EOFException("the channel was closed")));
  }
}
