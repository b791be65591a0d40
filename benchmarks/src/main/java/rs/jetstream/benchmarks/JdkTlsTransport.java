package rs.jetstream.benchmarks;

import static rs.jetstream.benchmarks.Protocol.requireCount;
import static rs.jetstream.benchmarks.Protocol.requireSame;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * The JDK's TLS over TCP: blocking sockets on virtual threads.
 *
 * <p>A TCP connection is one stream. So a call takes a connection of a pool that is there already,
 * and does not end it: {@code E} and 31 bytes there, 32 bytes back; an upload begins with its size,
 * and so does a call of another size, after an {@code S}.
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
    listener.setSSLParameters(parameters(listener.getSSLParameters(), options));
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

  private static SSLParameters parameters(SSLParameters parameters, Options options)
      throws Unsupported {
    String[] groups = options.groups().jdkNames();
    if (groups.length > 0) {
      parameters.setNamedGroups(groups);
    }
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
          case Protocol.SIZED_ECHO -> pipe.echo(pipe.in.readLong());
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

    /** Sends back as many bytes as are said to come. */
    void echo(long bytes) throws IOException {
      for (long left = bytes; left > 0; ) {
        int count = in.read(chunk, 0, (int) Math.min(left, chunk.length));
        if (count < 0) {
          throw new EOFException();
        }
        out.write(chunk, 0, count);
        left -= count;
      }
    }

    void call(byte[] call, byte[] answer) throws Exception {
      if (call.length == Protocol.CALL_SIZE) {
        out.write(call);
        in.readFully(answer);
      } else {
        Callers.Operation send =
            () -> {
              // With the first bytes of the call, for else this would be a record of its own.
              int first = Math.min(call.length, CHUNK - Protocol.REQUEST);
              byte[] head =
                  ByteBuffer.allocate(Protocol.REQUEST + first)
                      .put(Protocol.SIZED_ECHO)
                      .putLong(call.length)
                      .put(call, 0, first)
                      .array();
              out.write(head);
              out.write(call, first, call.length - first);
            };
        Callers.Operation receive = () -> in.readFully(answer);
        if (Protocol.isLong(call.length)) {
          Callers.both(send, receive);
        } else {
          send.run();
          receive.run();
        }
      }
      requireSame(Arrays.equals(call, answer));
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
    private final Deque<Pipe> free = new ConcurrentLinkedDeque<>();
    private final List<Pipe> idle = new ArrayList<>();

    JdkTlsWorkloads(Options options, InetSocketAddress server) throws Exception {
      this.options = options;
      this.server = server;
      context = Tls.clientContext(options);
    }

    private Pipe take() throws Exception {
      Pipe pipe = free.poll();
      return pipe != null ? pipe : open();
    }

    private Pipe open() throws Exception {
      SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket();
      tune(socket, options);
      socket.setReceiveBufferSize(options.socketBuffer());
      SSLParameters parameters = parameters(socket.getSSLParameters(), options);
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket.connect(server);
      socket.startHandshake();
      return new Pipe(socket);
    }

    @Override
    public void down(long bytes, int streams) throws Exception {
      Callers.all(Callers.shares(bytes, streams), this::down);
    }

    private void down(long bytes) throws Exception {
      Pipe pipe = take();
      pipe.out.write(request(Protocol.DOWNLOAD, bytes));
      pipe.receive(bytes);
      free.push(pipe);
    }

    @Override
    public void up(long bytes, int streams) throws Exception {
      Callers.all(Callers.shares(bytes, streams), this::up);
    }

    private void up(long bytes) throws Exception {
      Pipe pipe = take();
      pipe.out.write(request(Protocol.UPLOAD, bytes));
      pipe.send(bytes);
      requireCount(pipe.in.readLong(), bytes);
      free.push(pipe);
    }

    private static byte[] request(byte kind, long bytes) {
      return ByteBuffer.allocate(Protocol.REQUEST).put(kind).putLong(bytes).array();
    }

    @Override
    public void calls(Latencies latencies, int inFlight, int size) throws Exception {
      Deque<Pipe> used = new ConcurrentLinkedDeque<>();
      Callers.run(
          latencies,
          inFlight,
          caller -> {
            Pipe pipe = take();
            used.push(pipe);
            byte[] call = Protocol.call(size);
            byte[] answer = new byte[size];
            return () -> pipe.call(call, answer);
          });
      free.addAll(used);
    }

    @Override
    public void pingPong(Latencies latencies, int size) throws Exception {
      calls(latencies, 1, size);
    }

    @Override
    public void connections(Latencies latencies, int atOnce) throws Exception {
      Callers.run(latencies, atOnce, caller -> () -> confirmed().socket.close());
    }

    /** A byte of TLS 1.3 that comes back says that the server took the certificate. */
    private Pipe confirmed() throws Exception {
      Pipe pipe = open();
      pipe.call(Protocol.call(Protocol.CALL_SIZE), new byte[Protocol.CALL_SIZE]);
      return pipe;
    }

    @Override
    public void idle(int count) throws Exception {
      if (count == 0) {
        closeAll(idle);
        return;
      }
      Queue<Pipe> opened = new ConcurrentLinkedQueue<>();
      try {
        Callers.repeat(count - idle.size(), () -> opened.add(confirmed()));
      } finally {
        idle.addAll(opened);
      }
    }

    @Override
    public void spread(Latencies latencies, int inFlight) throws Exception {
      List<List<Pipe>> hands = Callers.deal(idle, inFlight);
      Callers.run(
          latencies,
          hands.size(),
          caller -> {
            List<Pipe> pipes = hands.get(caller);
            AtomicInteger turn = new AtomicInteger();
            byte[] call = Protocol.call(Protocol.CALL_SIZE);
            byte[] answer = new byte[call.length];
            return () -> pipes.get(turn.getAndIncrement() % pipes.size()).call(call, answer);
          });
    }

    @Override
    public void close() throws IOException {
      closeAll(idle);
      closeAll(free);
    }

    private static void closeAll(Collection<Pipe> pipes) throws IOException {
      for (Pipe pipe : pipes) {
        pipe.socket.close();
      }
      pipes.clear();
    }
  }
}
