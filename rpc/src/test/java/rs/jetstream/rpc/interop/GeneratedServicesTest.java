package rs.jetstream.rpc.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.rpc.RpcMethod;
import rs.jetstream.rpc.ServiceDescriptor;

/** Services of many kinds, compiled with what is made of them, without a warning. */
final class GeneratedServicesTest {
  @TempDir Path folder;

  @Test
  void servicesOfEveryStyleAreMade() throws Exception {
    Compilation compilation =
        Compilation.good(
            folder,
            Compilation.source(
                """
                public interface Outer {
                  @JetStreamService(version = "rs.jetstream.proto/all/1.0.0-rc.1")
                  interface All {
                    @MethodId(110) void nothing() throws IOException;
                    @MethodId(108) @Idempotent @Nullable String find(
                        String caller, RpcContext context, @Nullable String service)
                        throws Exception;
                    @MethodId(102) CompletionStage<Void> later(long in, long out);
                    @MethodId(104) CompletableFuture<@Nullable Long> maybe(long arguments);
                    @MethodId(106) CompletableFuture<List<@U8 Integer>> future();
                    @MethodId(112) Flow.Publisher<String> ticks(@U32 long millis);
                    @MethodId(116) Subscription<Item, @U32 Long> items(Item value, Item e)
                        throws IOException;
                    @MethodId(114) @Data byte[] descriptor(
                        @Data byte[] value, @VecU8 MemorySegment v) throws IOException;
                    @MethodId(254) ItemsArguments last(ItemsArguments codec) throws IOException;

                    default String both() throws IOException {
                      nothing();
                      return "";
                    }

                    static void help() {}
                  }

                  record Item(String in, String out, boolean value, float e, int order) {}

                  record ItemsArguments(Codec codec, List<Optional> optional) {}
                  record Codec(int i) {}
                  record Optional(int i) {}
                }
                """));
    assertThat(compilation.generated())
        .containsExactly(
            "Outer_AllAsyncClient.java",
            "Outer_AllClient.java",
            "Outer_AllDispatcher.java",
            "Outer_AllService.java",
            "Outer_CodecCodec.java",
            "Outer_ItemCodec.java",
            "Outer_ItemsArgumentsCodec.java",
            "Outer_OptionalCodec.java");
    try (URLClassLoader loader = compilation.loader()) {
      ServiceDescriptor descriptor =
          (ServiceDescriptor)
              loader.loadClass("test.Outer_AllService").getField("DESCRIPTOR").get(null);
      assertThat(descriptor.name()).isEqualTo("all");
      assertThat(descriptor.methods())
          .extracting(RpcMethod::name, RpcMethod::requestId)
          .extracting(org.assertj.core.groups.Tuple::toString)
          .containsExactly(
              "(\"nothing\", 110)",
              "(\"find\", 108)",
              "(\"later\", 102)",
              "(\"maybe\", 104)",
              "(\"future\", 106)",
              "(\"ticks\", 112)",
              "(\"items\", 116)",
              "(\"descriptor\", 114)",
              "(\"last\", 254)");
      assertThat(descriptor.methods())
          .filteredOn(RpcMethod::isSubscription)
          .extracting(RpcMethod::name)
          .containsExactly("ticks", "items");
      assertThat(descriptor.methods())
          .filteredOn(RpcMethod::idempotent)
          .extracting(RpcMethod::name)
          .containsExactly("find");
    }
  }

  @Test
  void serviceWithoutAPackageIsMade() throws Exception {
    Compilation.good(
        folder,
        """
        import java.io.IOException;
        import rs.jetstream.rpc.JetStreamService;
        @JetStreamService(version = "rs.jetstream.proto/bare/1.0.0")
        public interface Bare {
          Value get(Value value) throws IOException;
          record Value(String text) {}
        }
        """);
  }

  @Test
  void whatIsNotPublicStaysSo() throws Exception {
    Compilation compilation =
        Compilation.good(
            folder,
            Compilation.source(
                """
                public final class Outer {
                  private Outer() {}

                  @JetStreamService(version = "rs.jetstream.proto/inner/1.0.0")
                  interface Inner {
                    Value get(Value value) throws IOException;
                  }

                  record Value(String text) {}
                }
                """));
    try (URLClassLoader loader = compilation.loader()) {
      for (String name : List.of("InnerClient", "InnerDispatcher", "InnerService", "ValueCodec")) {
        assertThat(
                java.lang.reflect.Modifier.isPublic(
                    loader.loadClass("test.Outer_" + name).getModifiers()))
            .as(name)
            .isFalse();
      }
    }
  }
}
