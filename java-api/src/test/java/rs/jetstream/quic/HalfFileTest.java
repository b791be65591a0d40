package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;

/** A file whose sender fails half-way never looks whole. */
@Timeout(30)
@ExtendWith(LeakExtension.class)
final class HalfFileTest {
  private static final int HALF = 100_000;

  /** Reads well at first. */
  private static InputStream brokenFile() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("the disk is broken");
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            return read();
          }
        };
    return new SequenceInputStream(new ByteArrayInputStream(new byte[HALF]), broken);
  }

  private static void send(InputStream file, SendStream opened) throws IOException {
    try (SendStream stream = opened) {
      byte[] buffer = new byte[8192];
      for (int n; (n = file.read(buffer)) >= 0; ) {
        stream.send(java.util.Arrays.copyOf(buffer, n));
      }
      stream.finish();
    }
  }

  @Test
  void aSenderThatFailsIsSeenAsAReset() throws Exception {
    try (Loopback loopback = new Loopback()) {
      SendStream stream = loopback.clientConnection.openUnidirectional();
      assertThatIOException()
          .isThrownBy(() -> send(brokenFile(), stream))
          .withMessage("the disk is broken");
      assertReset(loopback);
    }
  }

  @Test
  void soIsOneThatSendsClaims() throws Exception {
    try (Loopback loopback = new Loopback()) {
      SendStream opened = loopback.clientConnection.openUnidirectional();
      assertThatIOException()
          .isThrownBy(() -> {
            try (SendStream stream = opened;
                ReadableByteChannel file = Channels.newChannel(brokenFile())) {
              while (true) {
                try (Claim claim = stream.claim(8192)) {
                  int n = file.read(claim.segment().asByteBuffer());
                  claim.commit(n);
                }
              }
            }
          });
      assertReset(loopback);
    }
  }

  @Test
  void aConnectionThatIsClosedHalfWayIsNoCleanEnd() throws Exception {
    try (Loopback loopback = new Loopback()) {
      SendStream stream = loopback.clientConnection.openUnidirectional();
      stream.send(new byte[HALF]);
      try (ReceiveStream received = loopback.serverConnection.acceptUnidirectional(Loopback.SOON)) {
        loopback.clientConnection.close(9);
        JetStreamException failure =
            catchThrowableOfType(JetStreamException.class, () -> received.receiveAll(2 * HALF));
        assertThat(failure.kind()).isEqualTo(Kind.APPLICATION_CLOSE);
        assertThat(failure.code()).isEqualTo(9);
      }
    }
  }

  @Test
  void aWholeFileIsWhole() throws Exception {
    try (Loopback loopback = new Loopback()) {
      send(
          new ByteArrayInputStream(new byte[HALF]), loopback.clientConnection.openUnidirectional());
      try (ReceiveStream received = loopback.serverConnection.acceptUnidirectional(Loopback.SOON)) {
        assertThat(received.receiveAll(2 * HALF)).hasSize(HALF);
      }
    }
  }

  @Test
  void theCloseOfAnOutputStreamFinishes() throws Exception {
    try (Loopback loopback = new Loopback()) {
      try (SendStream stream = loopback.clientConnection.openUnidirectional();
          OutputStream output = stream.outputStream()) {
        output.write(new byte[HALF]);
      }
      try (ReceiveStream received = loopback.serverConnection.acceptUnidirectional(Loopback.SOON)) {
        assertThat(received.receiveAll(2 * HALF)).hasSize(HALF);
      }
    }
  }

  private static void assertReset(Loopback loopback) throws IOException {
    try (ReceiveStream received = loopback.serverConnection.acceptUnidirectional(Loopback.SOON)) {
      StreamException failure =
          catchThrowableOfType(StreamException.class, () -> received.receiveAll(2 * HALF));
      assertThat(failure.kind()).isEqualTo(Kind.STREAM_RESET);
      assertThat(failure.initiator()).isEqualTo(Initiator.REMOTE);
    }
  }
}
