package rs.jetstream.quic;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A connection with one open stream, on which everything that can wait does: the peer lets no
 * second stream be open, reads nothing, and opens nothing.
 */
final class Scene implements AutoCloseable {
  enum Operation {
    SEND,
    RECEIVE,
    ACCEPT_STREAM,
    OPEN,
    CONNECT,
    ACCEPT_CONNECTION
  }

  static final int TOO_MUCH = 4 << 20;

  final Loopback loopback;
  final BidirectionalStream stream;
  final BidirectionalStream peer;
  final DatagramSocket silent;

  Scene() throws IOException {
    QuicSettings serverSettings =
        QuicSettings.builder()
            .maxRemoteBidirectionalStreams(1)
            .streamWindow(64 << 10)
            .connectionWindow(48 << 10)
            .build();
    loopback = new Loopback(serverSettings, QuicSettings.defaults());
    silent = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    stream = loopback.clientConnection.openBidirectional();
    stream.send(new byte[1]);
    peer = loopback.serverConnection.acceptBidirectional(Loopback.SOON);
    peer.receive(new byte[1]);
  }

  /** Calls what waits, at most {@code timeout}. */
  Object call(Operation operation, Duration timeout) throws IOException {
    stream.timeout(timeout);
    return switch (operation) {
      case SEND -> {
        try (Arena arena = Arena.ofConfined()) {
          stream.send(arena.allocate(TOO_MUCH));
        }
        yield TOO_MUCH;
      }
      case RECEIVE -> stream.receive(new byte[8]);
      case ACCEPT_STREAM -> loopback.clientConnection.acceptBidirectional(timeout);
      case OPEN -> loopback.clientConnection.openBidirectional(timeout);
      case CONNECT -> loopback.client.connect(silentAddress(), "localhost", timeout);
      case ACCEPT_CONNECTION -> loopback.server.accept(timeout);
    };
  }

  private InetSocketAddress silentAddress() {
    return (InetSocketAddress) silent.getLocalSocketAddress();
  }

  /** Does what {@link #call} waited for, and calls it again. */
  void callThatSucceeds(Operation operation) throws Exception {
    stream.timeout(Loopback.SOON);
    switch (operation) {
      case SEND -> {
        // An unknown part of the first send was taken.
        Waiting drain = Waiting.started(true, () -> peer.receiveAll(2 * TOO_MUCH));
        stream.sendAndFinish(new byte[5]);
        stream.flush();
        if (((byte[]) drain.value()).length < 5) {
          throw new AssertionError("not all received");
        }
      }
      case RECEIVE -> {
        peer.send(new byte[5]);
        if (stream.receive(new byte[8]) < 1) {
          throw new AssertionError("nothing received");
        }
      }
      case ACCEPT_STREAM -> {
        try (BidirectionalStream theirs = loopback.serverConnection.openBidirectional()) {
          theirs.send(new byte[5]);
          loopback.clientConnection.acceptBidirectional(Loopback.SOON).close();
        }
      }
      case OPEN -> {
        closeInTurn();
        loopback.clientConnection.openBidirectional(Loopback.SOON).close();
      }
      case CONNECT, ACCEPT_CONNECTION -> {
        Loopback.connect(loopback.client, loopback.server).close();
        loopback.server.accept(Loopback.SOON).close();
      }
    }
  }

  /** Ends the stream on both sides, the peer's after it has seen the end of this one. */
  void closeInTurn() throws IOException {
    stream.close();
    try {
      byte[] ignored = peer.receiveAll(TOO_MUCH);
      throw new AssertionError("not reset, but ended after " + ignored.length);
    } catch (StreamException e) {
      peer.close();
    }
  }

  /** Takes all that the stream sends: {@code TOO_MUCH} bytes. */
  void drain() throws IOException {
    byte[] buffer = new byte[64 << 10];
    for (long total = 0; total < TOO_MUCH; ) {
      int count = peer.receive(buffer);
      if (count < 0) {
        throw new AssertionError("ended after " + total);
      }
      total += count;
    }
  }

  @Override
  public void close() {
    silent.close();
    loopback.close();
  }
}
