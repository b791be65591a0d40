package rs.jetstream.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.rpc.RpcMethod;
import rs.jetstream.rpc.ServiceDescriptor;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/**
 * What is imported from the Rust end's own sources says the same on the wire as what was written by
 * hand.
 */
final class RustImportTest {
  private static final long SEED =
      Long.getLong("jetstream.test.seed", System.nanoTime() & 0xffff_ffffL);

  @TempDir Path folder;

  private static List<String> methods(ServiceDescriptor service) {
    return service.methods().stream().map(it -> it.requestId() + " " + it.name()).toList();
  }

  private static ServiceDescriptor descriptor(URLClassLoader loader, String name) throws Exception {
    Class<?> service = loader.loadClass("imported." + name + "Service");
    return (ServiceDescriptor) service.getField("DESCRIPTOR").get(null);
  }

  @Test
  void methodsHaveTheNumbersOfThoseWrittenByHand() throws Exception {
    try (URLClassLoader loader = ImportedSources.compile(folder)) {
      ServiceDescriptor peer = descriptor(loader, "Peer");
      assertThat(peer.version()).isEqualTo(PeerService.DESCRIPTOR.version());
      assertThat(methods(peer)).isEqualTo(methods(PeerService.DESCRIPTOR));
      assertThat(descriptor(loader, "Second").version())
          .isEqualTo(SecondService.DESCRIPTOR.version());
    }
  }

  @Test
  void valuesHaveTheBytesOfThoseWrittenByHand() throws Exception {
    System.out.printf("seed: -Djetstream.test.seed=%d%n", SEED);
    RandomValues random = new RandomValues(SEED);
    try (URLClassLoader loader = ImportedSources.compile(folder)) {
      RpcMethod<?, ?> method =
          descriptor(loader, "Peer").methods().stream()
              .filter(it -> it.name().equals("everything"))
              .findFirst()
              .orElseThrow();
      for (int i = 0; i < 200; i++) {
        WireWriter out = WireWriter.growing(1 << 20);
        EverythingCodec.INSTANCE.write(out, random.everything());
        assertThat(again(method.result(), out.toByteArray())).isEqualTo(out.toByteArray());
      }
    }
  }

  private static <T> byte[] again(Codec<T> codec, byte[] bytes) throws Exception {
    T value = codec.read(WireReader.of(bytes));
    WireWriter out = WireWriter.growing(1 << 20);
    codec.write(out, value);
    return out.toByteArray();
  }
}
