package rs.jetstream.cli.rust;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What Java is made of what Rust; that it speaks with Rust is tested against a Rust end. */
final class ImportedRustTest {
  static final String SOURCE =
      """
      #![forbid(unsafe_code)]
      //! Orders.
      use jetstream::prelude::*;

      const LIMIT: [u8; { 3 }] = [b'}', b'\\'', 3];
      static TEXT: &str = r#"struct "A" {"#;
      macro_rules! skipped { ($a:ident) => { #[service] trait $a {} } }
      pub const extern "C" fn skipped_too() {}
      const unsafe fn skipped_as_well() {}

      /// One order; see [`Orders::place`].
      ///
      /// Ends */ with \\u002a/ and a `Vec<T>` & more @ once.
      #[derive(Debug, Clone, JetStreamWireFormat)]
      pub struct Order {
          /// Of the *maker*.
          pub order_id: Id,
          pub r#type: Kind,
          pub lines: Vec<(String, u32)>,
          #[jetstream(skip)]
          pub cache: Arc<Mutex<u8>>,
          #[jetstream(skip)]
          pub seen: SystemTime,
      }

      impl<const N: usize> Skipped<{ N }> { fn quote() -> char { '\\'' } }

      pub type Id = u64;

      /** How it is
       * paid.
       */
      #[derive(JetStreamWireFormat)]
      pub enum Kind { #[default] Cash = 7, OnAccount }

      #[derive(JetStreamWireFormat)]
      pub enum Event {
          /// It was placed.
          Order(Order),
          Moved { from: String, to: Option<String> },
          Event,
      }

      #[service(uses(super::*))]
      pub trait Orders: Send + Sync {
          /// Places one.
          async fn place(&mut self, ctx: Context, order: Order) -> Result<Id, Error>;
          async fn notify(&self, keys: BTreeMap<Id, Data>) -> io::Result<()> { Ok(()) }
          #[subscription]
          fn events(&self, from: u64) -> Subscription<Event, ()>;
      }

      #[cfg(test)]
      mod tests {
          #[derive(JetStreamWireFormat)]
          struct Skipped<'a> { text: &'a str }
      }
      """;

  @Test
  void structBecomesARecord() throws Exception {
    assertThat(Imports.files(SOURCE).get("Order.java"))
        .isEqualTo(
            """
            // From a.rs, by jetstream import.
            package p;

            import java.time.Instant;
            import java.util.List;
            import org.jspecify.annotations.Nullable;
            import rs.jetstream.wire.Skip;
            import rs.jetstream.wire.U32;
            import rs.jetstream.wire.U64;

            /**
             * One order; see {@code Orders::place}.
             *
             * <p>Ends *&#47; with &#92;u002a/ and a {@code Vec<T>} &amp; more &#64; once.
             *
             * @param orderId Of the *maker*.
             */
            public record Order(@U64 long orderId, Kind type, List<Lines> lines, @Skip @Nullable Instant seen) {
              public record Lines(String first, @U32 long second) {}
            }
            """);
  }

  @Test
  void enumBecomesAnEnumOrASealedInterface() throws Exception {
    Map<String, String> files = Imports.files(SOURCE);
    assertThat(files.get("Kind.java"))
        .isEqualTo(
            """
            // From a.rs, by jetstream import.
            package p;

            /**
             * How it is
             * paid.
             */
            public enum Kind {
              CASH,
              ON_ACCOUNT
            }
            """);
    assertThat(files.get("Event.java"))
        .isEqualTo(
            """
            // From a.rs, by jetstream import.
            package p;

            import java.util.Optional;

            public sealed interface Event {
              /** It was placed. */
              record Order(p.Order value) implements Event {}

              record Moved(String from, Optional<String> to) implements Event {}

              record Event_() implements Event {}
            }
            """);
  }

  @Test
  void traitBecomesAnInterface() throws Exception {
    Map<String, String> files = Imports.files(SOURCE);
    assertThat(files.keySet())
        .containsExactly("Event.java", "Kind.java", "Order.java", "Orders.java");
    assertThat(files.get("Orders.java"))
        .isEqualTo(
            """
            // From a.rs, by jetstream import.
            package p;

            import java.io.IOException;
            import java.nio.ByteBuffer;
            import java.util.SortedMap;
            import rs.jetstream.rpc.JetStreamService;
            import rs.jetstream.rpc.RpcContext;
            import rs.jetstream.rpc.Subscription;
            import rs.jetstream.wire.Data;
            import rs.jetstream.wire.U64;
            import rs.jetstream.wire.Unit;

            @JetStreamService(version = "rs.jetstream.proto/orders/1.2.3")
            public interface Orders {
              /** Places one. */
              @U64
              long place(RpcContext ctx, Order order) throws IOException;

              void notify_(SortedMap<@U64 Long, @Data ByteBuffer> keys) throws IOException;

              Subscription<Event, Unit> events(@U64 long from) throws IOException;
            }
            """);
  }

  @Test
  void whatIsLeftOutIsTold() throws Exception {
    assertThat(RustImport.of(List.of(Imports.source(SOURCE)), "p", List.of("1.2.3")).notes())
        .singleElement()
        .asString()
        .startsWith("a.rs:21:9: skipped");
  }

  @Test
  void typesMayBeDeclaredInAnotherSource() throws Exception {
    RustSource service =
        Imports.source("#[service] trait A { async fn a(&self, b: types::B) -> Result<()>; }");
    RustSource types = Imports.source("#[derive(JetStreamWireFormat)] pub struct B;");
    RustImport imported =
        RustImport.of(List.of(service, types), "p", List.of("rs.jetstream.proto/a/1.2.3+c0ffee"));
    assertThat(imported.files().get("A.java"))
        .contains("\"rs.jetstream.proto/a/1.2.3+c0ffee\"")
        .contains("void a(B b)");
  }

  @Test
  void theNameOfASourceStaysInItsComment() throws Exception {
    String name = "b\nclass \\u000a.rs";
    RustSource source =
        new RustSource(
            Path.of(name),
            name,
            "#[derive(JetStreamWireFormat)] struct A;".getBytes(StandardCharsets.UTF_8));
    assertThat(RustImport.of(List.of(source), "p", List.of()).files().get("A.java"))
        .startsWith("// From b_class__u000a.rs, by jetstream import.\npackage p;\n");
  }
}
