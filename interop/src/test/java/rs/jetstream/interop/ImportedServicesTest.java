package rs.jetstream.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.quic.JetStreamPeer;
import rs.jetstream.rpc.JetStreamClient;
import rs.jetstream.rpc.JetStreamServer;
import rs.jetstream.wire.WireWriter;

/**
 * What {@code jetstream import} makes of the Rust end's own sources speaks with that end, both ways
 * and by every method.
 */
@Timeout(120)
final class ImportedServicesTest {
  private static final long SEED =
      Long.getLong("jetstream.test.seed", System.nanoTime() & 0xffff_ffffL);
  private static final int VALUES = 200;

  @TempDir Path folder;
  @TempDir Path directory;

  private static List<byte[]> values() throws Exception {
    System.out.printf("seed: -Djetstream.test.seed=%d%n", SEED);
    RandomValues random = new RandomValues(SEED);
    List<byte[]> values = new ArrayList<>();
    for (int i = 0; i < VALUES; i++) {
      WireWriter out = WireWriter.growing(1 << 20);
      EverythingCodec.INSTANCE.write(out, random.everything());
      values.add(out.toByteArray());
    }
    return values;
  }

  @Test
  void anImportedInterfaceCallsTheRustServer() throws Exception {
    try (URLClassLoader loader = ImportedSources.compile(folder);
        JetStreamPeer peer = JetStreamPeer.server(directory);
        JetStreamClient client =
            JetStreamClient.builder()
                .quic(JetStreamPeer.javaClient())
                .address("localhost", peer.address().getPort())
                .open()) {
      loader
          .loadClass("imported.Calls")
          .getMethod("make", JetStreamClient.class, List.class)
          .invoke(null, client, values());
    }
  }

  @Test
  void anImportedInterfaceIsCalledByTheRustClient() throws Exception {
    try (URLClassLoader loader = ImportedSources.compile(folder)) {
      Object handlers = loader.loadClass("imported.Handlers").getConstructor().newInstance();
      try (JetStreamServer server =
          JetStreamServer.builder().quic(JetStreamPeer.javaServer()).service(handlers).open()) {
        JsonNode outcome =
            new ObjectMapper()
                .readTree(
                    JetStreamPeer.client(
                        directory,
                        server.localAddress(),
                        "--values",
                        "" + VALUES,
                        "--seed",
                        "" + SEED));
        RustClientTest.assertAllAnswered(outcome);
      }
    }
  }
}
