package rs.jetstream.quic;

import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * The quinn peer as a process, which ends with {@link #close()} at the latest; see
 * interop/quinn-peer/README.md.
 */
final class QuinnPeer implements AutoCloseable {
  /**
   * How a client ended.
   *
   * @param json the one line that it prints
   */
  record Outcome(int exitCode, String json) {}

  private static final long PATIENCE_S = 30;

  private final Process process;
  private final BufferedReader output;

  private QuinnPeer(Path directory, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("jetstream.test.quinn-peer"));
    command.addAll(arguments);
    process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectError(directory.resolve("stderr.txt").toFile())
            .start();
    output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Writes {@code party} as two PEM files, {@code name}.crt and {@code name}.key. */
  static void write(Path directory, String name, TestPki.Party party) throws IOException {
    Files.write(directory.resolve(name + ".crt"), party.certificatePem());
    Files.write(
        directory.resolve(name + ".key"),
        Certificates.toPem("PRIVATE" + " KEY", pkcs8(party.keys())));
  }

  /** As PKCS #8; an EC key with its public key: ring wants that, and the JDK leaves it out. */
  private static byte[] pkcs8(KeyPair keys) throws IOException {
    if (!(keys.getPrivate() instanceof ECPrivateKey ec)) {
      return keys.getPrivate().getEncoded();
    }
    SubjectPublicKeyInfo point = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
    BigInteger secret = ec.getS();
    return new PrivateKeyInfo(
            point.getAlgorithm(),
            new org.bouncycastle.asn1.sec.ECPrivateKey(
                256, secret, new DERBitString(point.getPublicKeyData().getBytes()), null))
        .getEncoded();
  }

  /** A server that asks for certificates of the test CA when {@code more} says so. */
  static QuinnPeer server(Path directory, TestPki.Party identity, String... more)
      throws IOException {
    write(directory, "server", identity);
    write(directory, "ca", TestPki.CA);
    List<String> arguments =
        new ArrayList<>(List.of("server", "--cert", "server.crt", "--key", "server.key"));
    arguments.addAll(List.of(more));
    return new QuinnPeer(directory, arguments);
  }

  /** Runs a client to its end. */
  static Outcome client(Path directory, QuicServer server, String... more) throws Exception {
    write(directory, "client", TestPki.CLIENT);
    write(directory, "stranger", TestPki.STRANGER);
    write(directory, "ca", TestPki.CA);
    InetSocketAddress address = server.localAddress();
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "client",
                "--connect",
                address.getAddress().getHostAddress() + ":" + address.getPort(),
                "--ca",
                "ca.crt",
                "--timeout-seconds",
                "" + PATIENCE_S));
    arguments.addAll(List.of(more));
    try (QuinnPeer peer = new QuinnPeer(directory, arguments)) {
      String json = peer.output.readLine();
      return new Outcome(peer.process.waitFor(), json);
    }
  }

  /** Waits for the server to say where it listens. */
  InetSocketAddress address() throws IOException {
    String line = output.readLine();
    if (line == null || !line.startsWith("listening 127.0.0.1:")) {
      throw new AssertionError("quinn-peer said " + line);
    }
    int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  @Override
  public void close() throws IOException {
    try {
      process.getOutputStream().close(); // ends the server
      if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
        throw new AssertionError("quinn-peer goes on without standard input");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
      output.close();
    }
  }
}
