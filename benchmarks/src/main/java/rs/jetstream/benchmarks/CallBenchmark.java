package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import rs.jetstream.quic.BidirectionalStream;
import rs.jetstream.rpc.JetStreamClient;

/** What a call with its deadline costs on a virtual thread, one after the other. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Djmh.executor=VIRTUAL"})
@State(Scope.Benchmark)
public class CallBenchmark {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final MemorySegment request = Buffers.request(Protocol.CALL_SIZE);
  private final MemorySegment answer = Buffers.take();

  /** A service of another process. Each call has the deadline that calls have by default. */
  @SuppressWarnings("NullAway.Init") // by open()
  @State(Scope.Benchmark)
  public static class Service {
    private RemoteServer server;
    private JetStreamClient client;
    Echo echo;

    /** Starts the server and connects. */
    @Setup(Level.Trial)
    public void open() throws IOException {
      server = new RemoteServer("jetstream-rpc");
      client = JetStreamRpcTransport.client(RemoteServer.client(), server.address());
      echo = client.service(Echo.class);
    }

    /** Ends both processes' part. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
      client.close();
      server.close();
    }
  }

  /** A command line can take the flag away. */
  @Setup(Level.Trial)
  public void check() throws IOException {
    Protocol.require(Thread.currentThread().isVirtual(), "this thread is not virtual");
  }

  /** 32 bytes there and back on a new stream, each receive of which has a deadline. */
  @Benchmark
  public long stream(Remote remote) throws IOException {
    try (BidirectionalStream stream = remote.connection.openBidirectionalAndFinish(request)) {
      stream.timeout(DEADLINE);
      long length = 0;
      for (long count; (count = stream.receive(answer)) >= 0; ) {
        length += count;
      }
      Protocol.require(length == Protocol.CALL_SIZE, "the answer has " + length + " bytes");
      return length;
    }
  }

  /** The same by a service. */
  @Benchmark
  public MemorySegment service(Service service) throws IOException {
    return service.echo.echo(request);
  }
}
