package rs.jetstream.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.cli.rust.RustImport;
import rs.jetstream.cli.rust.RustSource;
import rs.jetstream.rpc.RpcMethod;
import rs.jetstream.rpc.ServiceDescriptor;
import rs.jetstream.rpc.processor.JetStreamProcessor;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/**
 * What is imported from the Rust end's own sources says the same on the wire as what was written by
 * hand.
 */
final class RustImportTest {
  private static final Path SOURCES =
      Path.of(System.getProperty("jetstream.test.jetstream-peer-sources"));
  private static final long SEED =
      Long.getLong("jetstream.test.seed", System.nanoTime() & 0xffff_ffffL);

  @TempDir Path folder;

  private URLClassLoader imported() throws Exception {
    RustImport imported =
        RustImport.of(
            List.of(
                RustSource.read(SOURCES.resolve("service.rs")),
                RustSource.read(SOURCES.resolve("types.rs"))),
            "imported",
            List.of("1.2.3", "rs.jetstream.proto/peer/1.2.3+c1b32b1b"));
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, String> file : imported.files().entrySet()) {
      files.add(Files.writeString(folder.resolve(file.getKey()), file.getValue()));
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of("-d", folder.toString(), "-parameters", "-Xlint:all,-processing", "-Werror");
      JavaCompiler.CompilationTask task =
          compiler.getTask(
              null, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files));
      task.setProcessors(List.of(new JetStreamProcessor()));
      assertThat(task.call()).isTrue();
    }
    return new URLClassLoader(
        new URL[] {folder.toUri().toURL()}, RustImportTest.class.getClassLoader());
  }

  private static List<String> methods(ServiceDescriptor service) {
    return service.methods().stream().map(it -> it.requestId() + " " + it.name()).toList();
  }

  private static ServiceDescriptor descriptor(URLClassLoader loader, String name) throws Exception {
    Class<?> service = loader.loadClass("imported." + name + "Service");
    return (ServiceDescriptor) service.getField("DESCRIPTOR").get(null);
  }

  @Test
  void methodsHaveTheNumbersOfThoseWrittenByHand() throws Exception {
    try (URLClassLoader loader = imported()) {
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
    try (URLClassLoader loader = imported()) {
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
