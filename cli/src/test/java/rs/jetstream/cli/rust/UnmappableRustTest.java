package rs.jetstream.cli.rust;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UnmappableRustTest {
  /** Line and column of {@code what} in {@code text}. */
  private static String place(String text, String what) {
    int at = text.indexOf(what, Math.max(text.indexOf("bad: "), 0));
    at = at < 0 ? text.indexOf(what) : at;
    assertThat(at).as("%s in %s", what, text).isNotNegative();
    int line = (int) text.substring(0, at).chars().filter(it -> it == '\n').count() + 1;
    return "a.rs:" + line + ":" + (at - text.lastIndexOf('\n', at)) + ": ";
  }

  private static void isRefused(String text, String at, String says) {
    assertThat(Imports.problems(Imports.source(text)))
        .as(text)
        .singleElement()
        .asString()
        .startsWith(place(text, at))
        .contains(says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          &'a str             | &        | String for &str
          &[u8]               | &        | Vec<T> for &[T]
          *const u8           | *        | a pointer
          [u8; 4]             | [u8      | take Vec
          Vec<[u8; 4]>        | [u8      | take Vec
          !                   | !        | take ()
          _                   | _        | must be said
          impl Into<u8>       | impl     | name a struct
          Box<dyn Any>        | dyn      | name a struct
          fn(u8) -> u8        | fn       | a function
          Box<Fn(u8)>         | Fn       | a function
          <A as B>::C         | <        | name the type
          ty!(u8)             | ty       | a macro
          Ref<'a, u8>         | 'a       | lifetime
          Ring<4>             | 4>       | a value
          Ring<{ 4 }>         | { 4      | a value
          Vec<u8, Global>     | Vec      | has 1 arguments here, not 2
          Vec                 | Vec      | has 1 arguments here, not 0
          Iter<Item = u8>     | Item     | the type itself
          i8                  | i8       | take i16 or u8
          char                | char     | take String
          usize               | usize    | take u32 or u64
          isize               | isize    | take i32 or i64
          Duration            | Duration | u64 with the unit
          Option<Uuid>        | Uuid     | u128
          Arc<u8>             | Arc      | take Box
          Result<u8, u8>      | Result   | an enum with both
          Self                | Self     | the name of the type
          Unknown             | Unknown  | import the file that does
          other::Unknown      | other    | import the file that does
          Plain               | Plain,   | has no #[derive(JetStreamWireFormat)]
          Either              | Either,  | is a union
          Of<u8>              | Of<u8>,  | parameters
          Callback            | Callback,| no type of a message: a function
          Loop                | Loop; type | too many types in types
          BTreeSet<f32>       | f32      | it has no order
          BTreeMap<Floats,u8> | Floats,u8| it has no order
          BTreeSet<BTreeSet<u8>> | BTreeSet<u8>> | it has no order
          BTreeSet<Ring2>     | Ring2>,  | it has no order
          (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8) | (u8 | at most 12
          """)
  void typeOfNoMessageIsRefusedWhereItStands(String type, String at, String says) {
    String text =
        """
        struct Plain; union Either { a: u8 } type Of<T> = Vec<T>; type Callback = fn();
        type Pool = Loop; type Loop = Pool;
        #[derive(JetStreamWireFormat)] struct Floats { f: Vec<f64> }
        #[derive(JetStreamWireFormat)] struct Ring2 { f: Vec<Ring2> }
        #[derive(JetStreamWireFormat)] struct Message {
            good: u8,
            bad: %s,
            fine: u8,
        }
        """
            .formatted(type);
    isRefused(text, at, says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          fn a(&self) -> Result<()>;                          | fn a     | async
          async fn a(&self);                                  | a(       | return Result<()>
          async fn a(&self) -> u8;                            | u8       | return Result<T>
          async fn a(&self) -> impl X;                        | impl     | name a struct
          async fn a(&self) -> Result;                        | Result   | return Result<T>
          async fn a(&self) -> (u8, u8);                      | (u8      | return Result<T>
          async fn a<T>(&self, t: T) -> Result<()>;           | <T>      | parameters for types
          async fn a() -> Result<()>;                         | a(       | &self
          async fn a(x: u8) -> Result<()>;                    | a(       | &self
          async fn a(&self, (x, y): (u8, u8)) -> Result<()>;  | (x       | a name and a type
          async fn a(&self, _: u8) -> Result<()>;             | _        | a name and a type
          async fn a(&self, x: &u8) -> Result<()>;            | &u8      | a reference
          async fn a(&self) -> Result<()> where u8: Copy;     | where    | conditions
          async fn a(&self, a: Context, b: Context) -> Result<()>; | b:  | one Context
          unsafe fn a(&self) -> Result<()>;                   | unsafe   | nothing else
          const A: u8 = 1;                                    | const    | moves the numbers
          type A;                                             | type A;  | moves the numbers
          make!();                                            | make     | moves the numbers
          `#[cfg(feature = "a")] async fn a(&self) -> Result<()>;` | #[cfg | depend on the build
          `#[cfg_attr(a, subscription)] fn a(&self) -> Result<()>;` | #[cfg | depend on the build
          `#[subscription] fn a(&self) -> Result<u8>;` | Result   | Subscription<Item, End>
          `#[subscription(lossy)] fn a(&self) -> Subscription<u8, u8>;` | a( | lose items
          """)
  void methodOfNoServiceIsRefusedWhereItStands(String method, String at, String says) {
    String text =
        "#[service]\npub trait Echo {\n    %s\n    async fn good(&self) -> Result<()>;\n}\n"
            .formatted(method);
    isRefused(text, at, says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          struct A<T> { a: T }                      | <T>       | has parameters
          enum A<'a> { B }                          | <'a>      | has parameters
          struct A where u8: Copy { a: u8 }         | where     | no conditions
          struct A { a }                            | }         | ':' behind the name
          struct A { a: u8 b: u8 }                  | b:        | ',' behind a field
          struct A(u8)                              | $         | ';' behind a struct
          enum A {}                                 | A {       | at least one variant
          enum A { B, #[cfg(windows)] C }           | #[cfg(    | depend on the build
          enum A { B C }                            | C         | ',' behind a variant
          enum A { Ab_C, AbC }                      | AbC       | another one
          struct A { a_b: u8, aB: u8 }              | aB        | another one is called aB
          struct A { #[jetstream(with(C))] a: X }   | #[jet     | write a Codec in Java
          struct A { #[jetstream(from(C))] a: X }   | #[jet     | write a Codec in Java
          struct A { #[jetstream(other)] a: X }     | #[jet     | only skip is
          struct A { #[cfg(a)] a: u8 }              | #[cfg     | depend on the build
          struct A { a: Box<A> }                    | A {       | holds itself
          struct A { ___: u8 }                      | ___       | no name in Java
          struct String { a: u8 }                   | String    | java.lang
          struct A; mod b { #[derive(JetStreamWireFormat)] struct A; } | A; } | declared at a.rs:2:8
          struct A; #[derive(JetStreamWireFormat)] struct ACodec;      | ACodec | annotation processor
          struct A(P9String); #[derive(JetStreamWireFormat)] struct P9StringCodec; | P9StringCodec | import calls
          """)
  void declarationOfNoTypeIsRefusedWhereItStands(String declaration, String at, String says) {
    String text = "#[derive(JetStreamWireFormat)]\n" + declaration + "\n$";
    isRefused(at.equals("$") ? text : text.replace("\n$", ""), at, says);
  }

  @Test
  void aFieldThatSomeBuildsSkipIsRefused() {
    String derive = "#[derive(JetStreamWireFormat)] struct A { %s a: u8 }";
    isRefused(
        derive.formatted("#[cfg_attr(feature = \"a\", jetstream(skip))]"),
        "#[cfg_attr",
        "#[cfg_attr] makes the wire depend on the build");
    String ofAnother = derive.formatted("#[cfg_attr(feature = \"a\", serde(skip))]");
    assertThat(Imports.problems(Imports.source(ofAnother))).isEmpty();
  }

  @Test
  void allProblemsAreToldAtOnce() {
    String text =
        """
        #[derive(JetStreamWireFormat)]
        struct A { a: usize, b: u8, c: HashMap<&str, u8>, d: char }
        #[service]
        trait B { async fn c(&self, d: i8) -> Result<X>; async fn e(&self) -> Result<Y>; }
        """;
    assertThat(Imports.problems(Imports.source(text)))
        .extracting(it -> it.substring(0, it.indexOf(": ")))
        .containsExactly("a.rs:2:40", "a.rs:2:15", "a.rs:2:54", "a.rs:4:32", "a.rs:4:78");
  }

  @Test
  void noMoreThanTwentyProblemsAreTold() {
    StringBuilder text = new StringBuilder("#[derive(JetStreamWireFormat)] struct A {");
    for (int i = 0; i < 25; i++) {
      text.append("a").append(i).append(": char,");
    }
    List<String> problems = Imports.problems(Imports.source(text.append('}').toString()));
    assertThat(problems).hasSize(21).last().asString().isEqualTo("and 5 more");
  }

  @Test
  void aService77MethodsAndAnEnum256VariantsLongIsTheLongest() throws Exception {
    assertThat(Imports.files(methods(77) + variants(256))).hasSize(2);
    isRefused(methods(78), "m77", "at most 77 methods");
    isRefused(variants(257), "V256", "at most 256 variants");
  }

  private static String methods(int count) {
    StringBuilder text = new StringBuilder("#[service] trait S {\n");
    for (int i = 0; i < count; i++) {
      text.append("async fn m").append(i).append("(&self) -> Result<()>;\n");
    }
    return text.append("}\n").toString();
  }

  private static String variants(int count) {
    StringBuilder text = new StringBuilder("#[derive(JetStreamWireFormat)] enum E {\n");
    for (int i = 0; i < count; i++) {
      text.append("V").append(i).append(",\n");
    }
    return text.append("}\n").toString();
  }

  @Test
  void aRecordWithMoreThanJavaHasRoomForIsRefused() {
    StringBuilder text = new StringBuilder("#[derive(JetStreamWireFormat)] struct A {");
    for (int i = 0; i < 128; i++) {
      text.append("a").append(i).append(": u64,");
    }
    isRefused(text.append('}').toString(), "A {", "in one record");
  }

  @Test
  void aVersionIsThreeNumbersOrTheWholeText() {
    assertThat(Versions.isVersion("1.2")).isFalse();
    assertThat(Versions.isVersion("rs.jetstream.proto/a\"b/1.2.3")).isFalse();
    assertThat(Versions.isVersion("rs.jetstream.proto/a/1.2.3+c0ffee")).isTrue();
  }
}
