package rs.jetstream.benchmarks;

import static rs.jetstream.benchmarks.Protocol.require;
import static rs.jetstream.benchmarks.Protocol.requireCount;
import static rs.jetstream.benchmarks.Protocol.requireSame;

import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.X509TrustManager;
import tech.kwik.core.QuicClientConnection;
import tech.kwik.core.QuicConnection;
import tech.kwik.core.QuicStream;
import tech.kwik.core.log.NullLogger;
import tech.kwik.core.server.ApplicationProtocolConnection;
import tech.kwik.core.server.ApplicationProtocolConnectionFactory;
import tech.kwik.core.server.ServerConnectionConfig;
import tech.kwik.core.server.ServerConnector;

/**
 * kwik, QUIC in pure Java: blocking streams on virtual threads.
 *
 * <p>Its server cannot ask for client certificates, so it is measured without. Now and then both
 * its ends stand still: the client's threads wait in its SendBuffer for room, the server's for
 * bytes.
 */
final class KwikTransport implements Transport {
  private static final int CHUNK = 64 << 10;

  @Override
  public Duration patience() {
    return Duration.ofSeconds(45);
  }

  @Override
  public Listening serve(Options options) throws Exception {
    require(!options.asksForClientCertificates(), "kwik's server has no mutual TLS");
    DatagramSocket socket = new DatagramSocket(Peer.anyPort());
    socket.setReceiveBufferSize(options.socketBuffer());
    socket.setSendBufferSize(options.socketBuffer());
    ServerConnectionConfig config =
        ServerConnectionConfig.builder()
            .maxIdleTimeoutInSeconds(30)
            .maxConnectionBufferSize(options.window())
            .maxBidirectionalStreamBufferSize(options.window())
            .maxOpenPeerInitiatedBidirectionalStreams((int) options.streams())
            .build();
    ServerConnector connector =
        ServerConnector.builder()
            .withSocket(socket)
            .withKeyStore(identity(options), "key", new char[0])
            .withConfiguration(config)
            .withLogger(new NullLogger())
            .build();
    connector.registerApplicationProtocol(Protocol.ALPN, new Answers());
    connector.start();
    return new Listening() {
      @Override
      public int port() {
        return socket.getLocalPort();
      }

      @Override
      public void close() {
        connector.close();
      }
    };
  }

  /**
   * Verifies as the JDK does. kwik says that every certificate is for RSA, and with that the JDK
   * refuses the elliptic ones.
   */
  private record AnyKeyType(X509TrustManager jdk) implements X509TrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String ignored)
        throws CertificateException {
      jdk.checkServerTrusted(chain, "UNKNOWN");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      jdk.checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return jdk.getAcceptedIssuers();
    }
  }

  /** The server's key and certificates. */
  private static KeyStore identity(Options options) throws Exception {
    String pem = Files.readString(Tls.file(options, "key").toPath());
    byte[] key = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    try (InputStream chain = new FileInputStream(Tls.file(options, "cert"))) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setKeyEntry(
          "key",
          KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key)),
          new char[0],
          CertificateFactory.getInstance("X.509")
              .generateCertificates(chain)
              .toArray(Certificate[]::new));
      return store;
    }
  }

  /** What the server answers, each stream on a virtual thread. */
  private static final class Answers implements ApplicationProtocolConnectionFactory {
    @Override
    public ApplicationProtocolConnection createConnection(
        String protocol, QuicConnection connection) {
      return new ApplicationProtocolConnection() {
        @Override
        public void acceptPeerInitiatedStream(QuicStream stream) {
          Thread.startVirtualThread(() -> answer(stream));
        }
      };
    }

    @Override
    public int maxConcurrentPeerInitiatedUnidirectionalStreams() {
      return 0;
    }

    @Override
    public int maxConcurrentPeerInitiatedBidirectionalStreams() {
      return Integer.MAX_VALUE;
    }

    private static void answer(QuicStream stream) {
      try (InputStream in = stream.getInputStream();
          OutputStream out = stream.getOutputStream()) {
        int first = in.read();
        switch (first) {
          case Protocol.ECHO -> {
            byte[] chunk = new byte[CHUNK];
            chunk[0] = (byte) first;
            int count = Math.max(0, in.read(chunk, 1, CHUNK - 1)) + 1;
            while (count >= 0) {
              out.write(chunk, 0, count);
              out.flush();
              count = in.read(chunk);
            }
          }
          case Protocol.DOWNLOAD -> send(out, ByteBuffer.wrap(in.readAllBytes()).getLong());
          case Protocol.UPLOAD ->
              out.write(ByteBuffer.allocate(Long.BYTES).putLong(receive(in)).array());
          default -> stream.resetStream(Protocol.MALFORMED);
        }
      } catch (IOException e) {
        // The client sees it.
      }
    }
  }

  private static void send(OutputStream out, long bytes) throws IOException {
    byte[] chunk = new byte[CHUNK];
    for (long left = bytes; left > 0; left -= chunk.length) {
      out.write(chunk, 0, (int) Math.min(left, chunk.length));
    }
  }

  private static long receive(InputStream in) throws IOException {
    byte[] chunk = new byte[CHUNK];
    long received = 0;
    for (int count; (count = in.read(chunk)) >= 0; ) {
      received += count;
    }
    return received;
  }

  @Override
  public Workloads connect(Options options, InetSocketAddress server) throws Exception {
    return new KwikWorkloads(options, server);
  }

  private static final class KwikWorkloads implements Workloads {
    private final Options options;
    private final InetSocketAddress server;
    private final X509TrustManager trust;
    private final QuicClientConnection connection;
    private final List<QuicClientConnection> idle = new ArrayList<>();

    KwikWorkloads(Options options, InetSocketAddress server) throws Exception {
      this.options = options;
      this.server = server;
      trust = new AnyKeyType(Tls.trustManager(options));
      connection = open();
      connection.keepAlive(3600);
    }

    private QuicClientConnection open() throws IOException {
      QuicClientConnection it =
          QuicClientConnection.newBuilder()
              .uri(URI.create("quic://localhost:" + server.getPort()))
              .preferIPv4()
              .applicationProtocol(Protocol.ALPN)
              .connectTimeout(Duration.ofSeconds(10))
              .maxIdleTimeout(Duration.ofSeconds(30))
              .defaultStreamReceiveBufferSize(options.window())
              .customTrustManager(trust)
              .logger(new NullLogger())
              .build();
      it.connect();
      return it;
    }

    @Override
    public void down(long bytes, int streams) throws Exception {
      Callers.all(Callers.shares(bytes, streams), this::down);
    }

    private void down(long bytes) throws IOException {
      QuicStream stream = connection.createStream(true);
      try (InputStream in = stream.getInputStream()) {
        try (OutputStream out = stream.getOutputStream()) {
          out.write(
              ByteBuffer.allocate(Protocol.REQUEST).put(Protocol.DOWNLOAD).putLong(bytes).array());
        }
        requireCount(receive(in), bytes);
      }
    }

    @Override
    public void up(long bytes, int streams) throws Exception {
      Callers.all(Callers.shares(bytes, streams), this::up);
    }

    private void up(long bytes) throws IOException {
      QuicStream stream = connection.createStream(true);
      try (DataInputStream in = new DataInputStream(stream.getInputStream())) {
        try (OutputStream out = stream.getOutputStream()) {
          out.write(Protocol.UPLOAD);
          send(out, bytes);
        }
        requireCount(in.readLong(), bytes);
      }
    }

    @Override
    public void calls(Latencies latencies, int inFlight, int size) throws Exception {
      byte[] call = Protocol.call(size);
      Callers.run(latencies, inFlight, caller -> () -> call(connection, call));
    }

    private static void call(QuicConnection connection, byte[] call) throws Exception {
      QuicStream stream = connection.createStream(true);
      try (InputStream in = stream.getInputStream()) {
        Callers.Operation send =
            () -> {
              try (OutputStream out = stream.getOutputStream()) {
                out.write(call);
              }
            };
        Callers.Operation receive = () -> requireSame(Arrays.equals(call, in.readAllBytes()));
        if (Protocol.isLong(call.length)) {
          Callers.both(send, receive);
        } else {
          send.run();
          receive.run();
        }
      }
    }

    @Override
    public void pingPong(Latencies latencies, int size) throws Exception {
      byte[] call = Protocol.call(size);
      QuicStream stream = connection.createStream(true);
      try (InputStream in = stream.getInputStream();
          OutputStream out = stream.getOutputStream()) {
        Callers.Operation send =
            () -> {
              out.write(call);
              out.flush();
            };
        Callers.Operation receive = () -> requireSame(Arrays.equals(call, in.readNBytes(size)));
        while (latencies.next()) {
          long start = System.nanoTime();
          if (Protocol.isLong(size)) {
            Callers.both(send, receive);
          } else {
            send.run();
            receive.run();
          }
          latencies.record(start);
        }
      }
    }

    @Override
    public void connections(Latencies latencies, int atOnce) throws Exception {
      Callers.run(latencies, atOnce, caller -> () -> open().closeAndWait());
    }

    @Override
    public void idle(int count) throws Exception {
      if (count == 0) {
        idle.forEach(QuicClientConnection::close);
        idle.clear();
        return;
      }
      Queue<QuicClientConnection> opened = new ConcurrentLinkedQueue<>();
      try {
        Callers.repeat(
            count - idle.size(),
            () -> {
              QuicClientConnection it = open();
              it.keepAlive(3600);
              opened.add(it);
            });
      } finally {
        idle.addAll(opened);
      }
    }

    @Override
    public void spread(Latencies latencies, int inFlight) throws Exception {
      require(!idle.isEmpty(), "no connection is idle");
      byte[] call = Protocol.call(Protocol.CALL_SIZE);
      AtomicInteger turn = new AtomicInteger();
      Callers.run(
          latencies,
          inFlight,
          caller -> () -> call(idle.get(Math.floorMod(turn.getAndIncrement(), idle.size())), call));
    }

    @Override
    public void close() {
      idle.forEach(QuicClientConnection::close);
      connection.close();
    }
  }
}
