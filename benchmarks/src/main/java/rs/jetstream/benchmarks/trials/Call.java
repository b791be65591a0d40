package rs.jetstream.benchmarks.trials;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.QuicConnection;

/** A small call: a request on a stream of its own, and the same as its answer. */
final class Call {
  private static final byte[] REQUEST =
      "E0123456789abcdefghijklmnopqrstu".getBytes(StandardCharsets.US_ASCII);

  private Call() {}

  static void make(QuicConnection connection) throws IOException {
    try (BidirectionalStream stream = connection.openBidirectional()) {
      stream.sendAndFinish(REQUEST);
      requireSame(stream.receiveAll(REQUEST.length));
    }
  }

  /** A call that is answered, and goes on: both sides wait for the other. */
  static void begin(BidirectionalStream stream) throws IOException {
    stream.send(REQUEST);
    byte[] answer = new byte[REQUEST.length];
    for (int length = 0; length < answer.length; ) {
      byte[] part = new byte[answer.length - length];
      int count = stream.receive(part);
      if (count < 0) {
        throw new IOException("the answer ends after " + length + " bytes");
      }
      System.arraycopy(part, 0, answer, length, count);
      length += count;
    }
    requireSame(answer);
  }

  private static void requireSame(byte[] answer) throws IOException {
    if (!Arrays.equals(answer, REQUEST)) {
      throw new IOException("the answer differs from the call");
    }
  }
}
