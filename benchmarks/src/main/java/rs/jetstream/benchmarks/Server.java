package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.QuicServer;

/** The protocol of rust-baseline, each stream on a virtual thread. */
final class Server {
  private static final ValueLayout.OfLong BIG_ENDIAN =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int DOWNLOAD_LENGTH = 9;
  private static final int MALFORMED = 1;

  private final Bulk bulk;

  private Server(Bulk bulk) {
    this.bulk = bulk;
  }

  /** Serves until standard input closes. */
  static void run(Options options) throws IOException {
    Server it = new Server(new Bulk(options));
    try (QuicServer server =
        QuicServer.builder()
            .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .identity(options.identity())
            .trust(options.trust("client-ca"))
            .settings(options.settings())
            .open()) {
      Thread.startVirtualThread(() -> it.accept(server));
      System.out.println("listening 127.0.0.1:" + server.localAddress().getPort());
      System.out.flush();
      System.in.skipNBytes(Long.MAX_VALUE);
    } catch (java.io.EOFException e) {
      // Standard input is closed.
    }
  }

  private void accept(QuicServer server) {
    try {
      while (true) {
        QuicConnection connection = server.accept();
        Thread.startVirtualThread(() -> serve(connection));
      }
    } catch (IOException | IllegalStateException e) {
      // The server is closed.
    }
  }

  private void serve(QuicConnection connection) {
    try (connection) {
      while (true) {
        BidirectionalStream stream = connection.acceptBidirectional();
        Thread.startVirtualThread(() -> answer(stream));
      }
    } catch (IOException e) {
      // The client sees it.
    }
  }

  private void answer(BidirectionalStream stream) {
    MemorySegment buffer = Buffers.take();
    try (stream) {
      long first = stream.receive(buffer);
      switch (first < 1 ? 0 : buffer.get(ValueLayout.JAVA_BYTE, 0)) {
        case 'E' -> echo(stream, buffer, first);
        case 'D' -> download(stream, buffer, first);
        case 'U' -> {
          long received = first - 1 + bulk.receive(stream);
          buffer.set(BIG_ENDIAN, 0, received);
          stream.sendAndFinish(buffer.asSlice(0, Long.BYTES));
        }
        default -> refuse(stream);
      }
    } catch (IOException e) {
      // The client sees it.
    } finally {
      Buffers.give(buffer);
    }
  }

  private static void echo(BidirectionalStream stream, MemorySegment buffer, long first)
      throws IOException {
    for (long count = first; count >= 0; count = stream.receive(buffer)) {
      stream.send(buffer.asSlice(0, count));
    }
    stream.finish();
  }

  private void download(BidirectionalStream stream, MemorySegment buffer, long first)
      throws IOException {
    long length = first;
    for (long count; (count = stream.receive(buffer.asSlice(length))) >= 0; ) {
      length += count;
      if (length > DOWNLOAD_LENGTH) {
        break;
      }
    }
    if (length != DOWNLOAD_LENGTH) {
      refuse(stream);
      return;
    }
    bulk.send(stream, buffer.get(BIG_ENDIAN, 1));
  }

  private static void refuse(BidirectionalStream stream) throws IOException {
    stream.stopSending(MALFORMED);
    stream.reset(MALFORMED);
  }
}
