package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import rs.jetstream.quic.JetStreamException.Kind;

/** Streams as streams and channels of the JDK. */
@Timeout(30)
@ExtendWith(LeakExtension.class)
final class ViewsTest {
  private static final byte[] DATA = new byte[3_000_000];

  static {
    new Random(1).nextBytes(DATA);
  }

  @Test
  void whatAnOutputStreamWritesAnInputStreamReads() throws Exception {
    try (Loopback loopback = new Loopback();
        SendStream sender = loopback.clientConnection.openUnidirectional()) {
      Waiting writer =
          Waiting.started(
              true,
              () -> {
                try (OutputStream output = sender.outputStream()) {
                  output.write(DATA[0]);
                  output.write(DATA, 1, 9);
                  output.write(DATA, 10, 0);
                  output.write(DATA, 10, DATA.length - 10);
                  output.flush();
                }
                return "written";
              });
      try (ReceiveStream receiver = loopback.serverConnection.acceptUnidirectional(Loopback.SOON);
          InputStream input = receiver.inputStream()) {
        ByteArrayOutputStream copy = new ByteArrayOutputStream();
        assertThat(input.read(new byte[5], 2, 0)).isZero();
        copy.write(input.read());
        copy.write(input.read());
        assertThat(input.transferTo(copy)).isEqualTo(DATA.length - 2);
        assertThat(copy.toByteArray()).isEqualTo(DATA);
        assertThat(input.read()).isEqualTo(-1);
        assertThat(input.read(new byte[5])).isEqualTo(-1);
      }
      assertThat(writer.value()).isEqualTo("written");
    }
  }

  @Test
  void aBidirectionalStreamIsAByteChannel() throws Exception {
    try (Loopback loopback = new Loopback();
        BidirectionalStream stream = loopback.clientConnection.openBidirectional()) {
      Waiting echo =
          Waiting.started(
              true,
              () -> {
                EchoTest.echo(loopback.serverConnection.acceptBidirectional(Loopback.SOON));
                return "echoed";
              });
      Waiting writer =
          Waiting.started(
              true,
              () -> {
                WritableByteChannel channel = stream.writableChannel();
                ByteBuffer source = ByteBuffer.wrap(DATA);
                while (source.hasRemaining()) {
                  channel.write(source);
                }
                channel.close();
                assertThat(channel.isOpen()).isFalse();
                return "written";
              });
      ByteBuffer copy = ByteBuffer.allocateDirect(DATA.length);
      ReadableByteChannel channel = stream.readableChannel();
      while (copy.hasRemaining()) {
        assertThat(channel.read(copy)).isPositive();
      }
      assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      channel.close();
      assertThat(copy.flip()).isEqualTo(ByteBuffer.wrap(DATA));
      assertThat(writer.value()).isEqualTo("written");
      assertThat(echo.value()).isEqualTo("echoed");
    }
  }

  @Test
  void aClosedViewIsClosed() throws Exception {
    try (Scene scene = new Scene()) {
      OutputStream output = scene.stream.outputStream();
      output.close();
      output.close();
      assertThatIOException().isThrownBy(() -> output.write(1));
      InputStream input = scene.stream.inputStream();
      input.close();
      input.close();
      assertThatIOException().isThrownBy(input::read);
    }
  }

  @Test
  void aClosedChannelIsClosed() throws Exception {
    try (Scene scene = new Scene()) {
      ByteChannel channel = scene.peer.channel();
      channel.close();
      assertThat(channel.isOpen()).isFalse();
      assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
          .isInstanceOf(ClosedChannelException.class);
      assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
          .isInstanceOf(ClosedChannelException.class);
    }
  }

  @Test
  void closingTheOutputOfAStreamThatWasResetSaysThatTheEndWasNotSent() throws Exception {
    try (Scene scene = new Scene()) {
      OutputStream output = scene.stream.outputStream();
      output.write(1);
      scene.stream.close();
      assertThatExceptionOfType(StreamException.class)
          .isThrownBy(output::close)
          .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CLOSED_LOCALLY));
      output.close();
    }
  }

  @Test
  void viewsOfAClosedStreamCloseQuietly() throws Exception {
    try (Scene scene = new Scene()) {
      InputStream input = scene.stream.inputStream();
      ByteChannel channel = scene.stream.channel();
      scene.stream.close();
      input.close();
      channel.close();
    }
  }

  @Test
  void anInputStreamThatIsClosedEarlyStopsTheSender() throws Exception {
    try (Scene scene = new Scene()) {
      Waiting sender = Waiting.in(true, () -> scene.call(Scene.Operation.SEND, null));
      scene.peer.inputStream().close();
      assertThat(sender.failure().kind()).isEqualTo(Kind.STREAM_RESET);
    }
  }

  @Test
  void oneDirectionIsNotTheOther() throws Exception {
    try (Scene scene = new Scene()) {
      ByteChannel writable = (ByteChannel) scene.stream.writableChannel();
      assertThatThrownBy(() -> writable.read(ByteBuffer.allocate(1)))
          .isInstanceOf(NonReadableChannelException.class);
    }
  }

  @Test
  void receivingAllHasALimit() throws Exception {
    try (Scene scene = new Scene()) {
      scene.stream.sendAndFinish(new byte[1001]);
      StreamException failure =
          catchThrowableOfType(StreamException.class, () -> scene.peer.receiveAll(1000));
      assertThat(failure.kind()).isEqualTo(Kind.LIMIT);
    }
    try (Scene scene = new Scene()) {
      scene.stream.sendAndFinish(new byte[1000]);
      assertThat(scene.peer.receiveAll(1000)).hasSize(1000);
    }
  }
}
