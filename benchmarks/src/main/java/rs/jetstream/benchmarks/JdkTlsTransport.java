package rs.jetstream.benchmarks;

import static rs.jetstream.benchmarks.Protocol.require;
import static rs.jetstream.benchmarks.Protocol.requireCount;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * The JDK's TLS over TCP: blocking sockets on virtual threads.
 *
 * <p>A TCP connection is one stream. So a call takes a connection of a pool that is there already,
 * and does not end it: {@code E} and 31 bytes there, 32 bytes back; an upload begins with its size.
 */
final class JdkTlsTransport implements Transport {
  private static final int CHUNK = 16 << 10; // one record of TLS

  @Override
  public Listening serve(Options options) throws Exception {
    SSLContext context = Tls.serverContext(options);
    SSLServerSocket listener =
        (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
    listener.setReceiveBufferSize(options.socketBuffer());
    listener.bind(Peer.anyPort(), 1024);
    listener.setSSLParameters(parameters(listener.getSSLParameters()));
    listener.setNeedClientAuth(options.asksForClientCertificates());
    Thread.startVirtualThread(() -> accept(listener, options));
    return new Listening() {
      @Override
      public int port() {
        return listener.getLocalPort();
      }

      @Override
      public void close() throws IOException {
        listener.close();
      }
    };
  }

  private static SSLParameters parameters(SSLParameters parameters) {
    parameters.setProtocols(new String[] {"TLSv1.3"});
    parameters.setCipherSuites(new String[] {"TLS_AES_128_GCM_SHA256"});
    parameters.setApplicationProtocols(new String[] {Protocol.ALPN});
    return parameters;
  }

  private static void accept(SSLServerSocket listener, Options options) {
    try {
      while (true) {
        SSLSocket socket = (SSLSocket) listener.accept();
        Thread.startVirtualThread(() -> serve(socket, options));
      }
    } catch (IOException e) {
      // The server is closed.
    }
  }

  private static void serve(SSLSocket socket, Options options) {
    try (socket) {
      tune(socket, options);
      Pipe pipe = new Pipe(socket);
      byte[] call = new byte[Protocol.CALL_SIZE];
      for (int first; (first = pipe.in.read()) >= 0; ) {
        switch (first) {
          case Protocol.ECHO -> {
            call[0] = Protocol.ECHO;
            pipe.in.readFully(call, 1, call.length - 1);
            pipe.out.write(call);
          }
          case Protocol.DOWNLOAD -> pipe.send(pipe.in.readLong());
          case Protocol.UPLOAD -> {
            long size = pipe.in.readLong();
            pipe.receive(size);
            pipe.out.writeLong(size);
          }
          default -> throw new IOException("malformed");
        }
      }
    } catch (IOException e) {
      // The client sees it.
    }
  }

  private static void tune(SSLSocket socket, Options options) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSendBufferSize(options.socketBuffer());
  }

  @Override
  public Workloads connect(Options options, InetSocketAddress server) throws Exception {
    return new JdkTlsWorkloads(options, server);
  }

  /** A connection's two ends of bytes: what is written goes out as one record. */
  private static final class Pipe {
    final SSLSocket socket;
    final DataInputStream in;
    final DataOutputStream out;
    private final byte[] chunk = new byte[CHUNK];

    Pipe(SSLSocket socket) throws IOException {
      this.socket = socket;
      in = new DataInputStream(socket.getInputStream());
      out = new DataOutputStream(socket.getOutputStream());
    }

    void send(long bytes) throws IOException {
      for (long left = bytes; left > 0; left -= chunk.length) {
        out.write(chunk, 0, (int) Math.min(left, chunk.length));
      }
    }

    void receive(long bytes) throws IOException {
      for (long left = bytes; left > 0; ) {
        int count = in.read(chunk, 0, (int) Math.min(left, chunk.length));
        if (count < 0) {
          throw new EOFException();
        }
        left -= count;
      }
    }
  }

  private static final class JdkTlsWorkloads implements Workloads {
    private final Options options;
    private final InetSocketAddress server;
    private final SSLContext context;
    private final Deque<Pipe> idle = new ConcurrentLinkedDeque<>();

    JdkTlsWorkloads(Options options, InetSocketAddress server) throws Exception {
      this.options = options;
      this.server = server;
      context = Tls.clientContext(options);
    }

    private Pipe take() throws IOException {
      Pipe pipe = idle.poll();
      return pipe != null ? pipe : open();
    }

    private Pipe open() throws IOException {
      SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket();
      tune(socket, options);
      socket.setReceiveBufferSize(options.socketBuffer());
      SSLParameters parameters = parameters(socket.getSSLParameters());
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket.connect(server);
      socket.startHandshake();
      return new Pipe(socket);
    }

    @Override
    public void down(long bytes) throws IOException {
      Pipe pipe = take();
      byte[] request = new byte[Protocol.REQUEST];
      request[0] = Protocol.DOWNLOAD;
      java.nio.ByteBuffer.wrap(request).putLong(1, bytes);
      pipe.out.write(request);
      pipe.receive(bytes);
      idle.push(pipe);
    }

    @Override
    public void up(long bytes) throws IOException {
      Pipe pipe = take();
      byte[] request = new byte[Protocol.REQUEST];
      request[0] = Protocol.UPLOAD;
      java.nio.ByteBuffer.wrap(request).putLong(1, bytes);
      pipe.out.write(request);
      pipe.send(bytes);
      requireCount(pipe.in.readLong(), bytes);
      idle.push(pipe);
    }

    @Override
    public void calls(Latencies latencies, int inFlight) throws Exception {
      Deque<Pipe> used = new ConcurrentLinkedDeque<>();
      Callers.run(
          latencies,
          inFlight,
          caller -> {
            Pipe pipe = take();
            used.push(pipe);
            byte[] call = Protocol.call();
            byte[] answer = new byte[call.length];
            return () -> {
              pipe.out.write(call);
              pipe.in.readFully(answer);
              require(Arrays.equals(call, answer), "the answer differs from the call");
            };
          });
      idle.addAll(used);
    }

    @Override
    public void connections(Latencies latencies, int atOnce) throws Exception {
      Callers.run(
          latencies,
          atOnce,
          caller ->
              () -> {
                // A byte of TLS 1.3 that comes back says that the server took the certificate.
                Pipe pipe = open();
                try (pipe.socket) {
                  byte[] call = Protocol.call();
                  pipe.out.write(call);
                  pipe.in.readFully(call);
                }
              });
    }

    @Override
    public void close() throws IOException {
      for (Pipe pipe; (pipe = idle.poll()) != null; ) {
        pipe.socket.close();
      }
    }
  }
}
