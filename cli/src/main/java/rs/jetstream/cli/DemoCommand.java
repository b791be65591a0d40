package rs.jetstream.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import rs.jetstream.quic.JetStreamLibrary;
import rs.jetstream.quic.QuicClient;
import rs.jetstream.quic.QuicConnection;
import rs.jetstream.quic.TlsIdentity;
import rs.jetstream.quic.TlsInfo;
import rs.jetstream.quic.TlsTrust;

/** {@code jetstream demo}: all that the product promises so far, shown in one run. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description =
        "Sends a file up and down and makes calls over QUIC with mutual TLS, on this machine,"
            + " and shows that clients without a trusted certificate are refused.",
    footer = "%nExit code 0: all of it held. 1: something did not. 2: wrong arguments.")
final class DemoCommand implements Callable<Integer> {
  private static final int MAX_CALLS = 10_000_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "What to send. Default: lib/modules of the JDK, more than 100 MB.")
  private @Nullable Path file;

  @Option(
      names = "--calls",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many calls to make. Default: ${DEFAULT-VALUE}.")
  private int calls;

  @Option(
      names = "--certs",
      paramLabel = "DIR",
      description =
          "Folder of the test certificates, which are made if need be. Default: certs/generated.")
  private @Nullable Path certs;

  @Option(names = "--verbose", description = "Show stack traces of failures.")
  @SuppressWarnings("unused") // read by FailureHandler
  private boolean verbose;

  @Override
  public Integer call() throws Exception {
    if (calls < 1 || calls > MAX_CALLS) {
      throw new ParameterException(
          spec.commandLine(), "--calls is " + calls + ", must be from 1 to " + MAX_CALLS);
    }
    Path sent = checkedFile();
    if (!JetStreamLibrary.isAvailable()) {
      Throwable cause = JetStreamLibrary.unavailabilityCause().orElseThrow();
      throw new DemoFailure("the native library cannot be used: " + cause.getMessage(), cause);
    }
    // A virtual thread, as is meant for the blocking API.
    FutureTask<Void> demo =
        new FutureTask<>(() -> {
          run(sent);
          return null;
        });
    Thread.ofVirtual().name("jetstream-demo").start(demo);
    try {
      demo.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
    return 0;
  }

  private Path checkedFile() throws DemoFailure {
    Path it = file == null ? Path.of(System.getProperty("java.home"), "lib", "modules") : file;
    if (Files.isRegularFile(it) && Files.isReadable(it)) {
      return it;
    }
    String why =
        !Files.exists(it)
            ? "does not exist"
            : Files.isRegularFile(it) ? "cannot be read" : "is not a regular file";
    throw new DemoFailure(it + " " + why + ": name another one with --file");
  }

  private void run(Path sent) throws IOException, DemoFailure, InterruptedException {
    Report report = new Report(spec.commandLine().getOut());
    report.title("JetStream for Java " + Main.version());
    library(report);
    DemoCertificates certificates = DemoCertificates.prepare(certs);
    TlsTrust trust = TlsTrust.ofPemFile(certificates.ca());
    try (TlsIdentity serverIdentity = certificates.identity("server");
        TlsIdentity clientIdentity = certificates.identity("client");
        TlsIdentity strangerIdentity = certificates.identity("stranger");
        DemoServer server = DemoServer.open(serverIdentity, trust, sent)) {
      report.line("certificates", certificates + " (TEST ONLY)");
      report.line("server", Report.address(server.address()) + ", requires client certificates");
      try {
        try (QuicClient client = QuicClient.builder().trust(trust).identity(clientIdentity).open();
            QuicConnection connection = connect(client, server.address(), report)) {
          describe(connection, server, report);
          String name = file == null ? "lib/modules of the JDK" : sent.toString();
          new FileDemo(connection, sent, name, report).run();
          new CallDemo(connection, calls, report).run();
        }
        new RefusalDemo(server, trust, report).run(strangerIdentity);
      } catch (IOException | DemoFailure e) {
        server.failure().ifPresent(e::addSuppressed);
        throw e;
      }
      if (server.failure().isPresent()) {
        Throwable failure = server.failure().get();
        throw new DemoFailure("the server failed: " + failure.getMessage(), failure);
      }
    }
    report.blank();
    report.title("All of it held.");
  }

  private static void library(Report report) {
    JetStreamLibrary.Versions it = JetStreamLibrary.versions();
    report.line(
        "native",
        "%s (ABI %d): s2n-quic %s, s2n-tls %s, AWS-LC %s"
            .formatted(it.version(), it.abi(), it.s2nQuic(), it.s2nTls(), it.awsLc()));
    report.line(
        "on",
        it.target()
            + ", Java "
            + Runtime.version()
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " processors");
  }

  private static QuicConnection connect(QuicClient client, InetSocketAddress address, Report report)
      throws IOException {
    long start = System.nanoTime();
    QuicConnection connection =
        client.connect(address, DemoProtocol.SERVER_NAME, DemoProtocol.PATIENCE);
    report.line(
        "client",
        "connected to "
            + DemoProtocol.SERVER_NAME
            + " in "
            + Report.millis(System.nanoTime() - start));
    return connection;
  }

  private static void describe(QuicConnection connection, DemoServer server, Report report)
      throws IOException, DemoFailure, InterruptedException {
    TlsInfo tls = connection.tls();
    report.section("Negotiated");
    report.line("QUIC version", tls.quicVersion() == 1 ? "1 (RFC 9000)" : "" + tls.quicVersion());
    report.line("cipher suite", tls.cipherSuite());
    report.line(
        "key exchange",
        tls.keyExchangeGroup() + (tls.postQuantum() ? " (post-quantum hybrid)" : ""));
    report.line("ALPN", tls.applicationProtocol());
    report.line("server is", DemoServer.subject(connection));
    report.line("client is", server.clientSubject(Duration.ofSeconds(5)));
    if (!tls.postQuantum()) {
      throw new DemoFailure(
          "the key exchange " + tls.keyExchangeGroup() + " is not post-quantum, as is the default");
    }
  }
}
