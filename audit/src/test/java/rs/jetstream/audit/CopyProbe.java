package rs.jetstream.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.quic.JetStreamLibrary;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.QuicServer;
import rs.jetstream.quic.TlsIdentity;
import rs.jetstream.quic.TlsTrust;

/**
 * An application with a copy of its own of the library, in a class loader of its own; it speaks to
 * the test in types of the JDK.
 */
public final class CopyProbe implements UnaryOperator<String> {
  private final Path certs;
  private final QuicServer server;

  /** Serves the certificates in a folder. */
  public CopyProbe(Path certs) throws IOException {
    this.certs = certs;
    this.server = QuicServer.builder().identity(identity("server")).trust(trust()).open();
    Thread.startVirtualThread(this::serve);
  }

  private TlsIdentity identity(String name) throws IOException {
    return TlsIdentity.ofPemFiles(certs.resolve(name + ".crt"), certs.resolve(name + ".key"));
  }

  private TlsTrust trust() throws IOException {
    return TlsTrust.ofPemFile(certs.resolve("ca.crt"));
  }

  private void serve() {
    try {
      while (true) {
        try (QuicConnection connection = server.accept();
            BidirectionalStream stream = connection.acceptBidirectional()) {
          stream.sendAndFinish(stream.receiveAll(100));
          int ignored =
              connection.acceptBidirectional().receiveAll(100).length; // until it is closed
        } catch (IOException e) {
          // The client is gone.
        }
      }
    } catch (IllegalStateException e) {
      // The server is closed.
    }
  }

  /** {@code path}, {@code port}, {@code close}, or {@code connect PORT}. */
  @Override
  public String apply(String ask) {
    if (ask.equals("path")) {
      return JetStreamLibrary.versions().path().toString();
    }
    if (ask.equals("close")) {
      server.close();
      return "";
    }
    if (ask.equals("port")) {
      return String.valueOf(server.localAddress().getPort());
    }
    int port = Integer.parseInt(ask.substring("connect ".length()));
    try (QuicClient client =
            QuicClient.builder().identity(identity("client")).trust(trust()).open();
        QuicConnection connection = client.connect("localhost", port);
        BidirectionalStream stream = connection.openBidirectional()) {
      stream.sendAndFinish("hello".getBytes(StandardCharsets.UTF_8));
      return new String(stream.receiveAll(100), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
