package rs.jetstream.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.QuicConnection;

/** Sends a file up and down, and compares what arrived with what was sent. */
final class FileDemo {
  private static final int DIGEST_SIZE = 32;

  private final QuicConnection connection;
  private final Path file;
  private final String name;
  private final Report report;
  private final long size;

  FileDemo(QuicConnection connection, Path file, String name, Report report) throws IOException {
    this.connection = connection;
    this.file = file;
    this.name = name;
    this.report = report;
    this.size = Files.size(file);
  }

  void run() throws IOException, DemoFailure {
    report.section("File: " + name + ", " + Report.bytes(size));
    String sent = up();
    down(sent);
    report.line("SHA-256", sent);
  }

  /** Returns the digest of what was sent. */
  private String up() throws IOException, DemoFailure {
    long start = System.nanoTime();
    MessageDigest digest = FileStreams.sha256();
    byte[] answer;
    long nanos;
    try (BidirectionalStream stream = connection.openBidirectional();
        Progress progress = Progress.of("up", size)) {
      stream.timeout(DemoProtocol.PATIENCE);
      stream.send(new byte[] {DemoProtocol.UP});
      FileStreams.send(stream, file, digest, progress::add);
      answer = stream.receiveAll(DIGEST_SIZE);
      nanos = System.nanoTime() - start;
    }
    String sent = HexFormat.of().formatHex(digest.digest());
    compare("sent up", sent, "the server received", HexFormat.of().formatHex(answer));
    report.line("up", rate(nanos) + ", SHA-256 equal on both ends");
    return sent;
  }

  private void down(String expected) throws IOException, DemoFailure {
    long start = System.nanoTime();
    MessageDigest digest = FileStreams.sha256();
    long nanos;
    try (BidirectionalStream stream = connection.openBidirectional();
        Progress progress = Progress.of("down", size)) {
      stream.timeout(DemoProtocol.PATIENCE);
      stream.sendAndFinish(new byte[] {DemoProtocol.DOWN});
      FileStreams.receive(stream, stream.lend(), 0, digest, progress::add);
      nanos = System.nanoTime() - start;
    }
    compare(
        "in the file", expected, "the client received", HexFormat.of().formatHex(digest.digest()));
    report.line("down", rate(nanos) + ", SHA-256 equal on both ends");
  }

  private static void compare(String one, String expected, String other, String actual)
      throws DemoFailure {
    if (!expected.equals(actual)) {
      throw new DemoFailure(
          "the SHA-256 differs: " + one + " " + expected + ", " + other + " " + actual);
    }
  }

  private String rate(long nanos) {
    double seconds = nanos / 1e9;
    return String.format(Locale.ROOT, "%.2f s, %,.0f MiB/s", seconds, size / 1048576.0 / seconds);
  }
}
